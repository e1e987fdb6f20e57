//! The map.
pub mod protocol;
