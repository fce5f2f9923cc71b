//! What is issued, read back by other software than that which made it.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests may unwrap as the tests do"
)]

mod authorities;
mod faults;
mod openssl;
mod programs;
mod read_back;
mod support;
