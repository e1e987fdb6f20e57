//! The wire types: what the widget, the agent desktop and REST clients say and hear.
//! Only shapes with their meaning; no behaviour, no state.

pub mod agent;
pub mod contacts;
pub mod desk;
pub mod details;
pub mod error;
pub mod rest;
pub mod visitor;
