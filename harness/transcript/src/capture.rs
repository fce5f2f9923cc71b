//! Captures: packets out of files of any usual form, in bounded memory.

mod defragment;
mod file;
mod link;
mod packet;
mod pcapng;

pub(crate) use defragment::{Defragmenter, Outcome};
pub use file::{Error, Frame, Reader};
pub(crate) use link::{Carried, carried};
pub(crate) use packet::{ESP, Fragment, ICMP, ICMP_V6, Ip, UDP, Udp};

#[cfg(test)]
mod tests;
