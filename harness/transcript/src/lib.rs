//! What two IKEv2 peers said to each other, read from a capture and told in the field's terms.

pub mod model;
