//! What is issued, read back by other software than that which made it.

mod openssl;
mod support;
