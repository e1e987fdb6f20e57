//! The handlers of `/api/v1` and of the health checks, a noun a file.

pub(super) mod account;
pub(super) mod agents;
pub(super) mod api_keys;
mod body;
pub(super) mod calls;
pub(super) mod company;
pub(super) mod contact_archive;
pub(super) mod contact_tables;
pub(super) mod contacts;
pub(super) mod found;
pub(super) mod health;
pub(super) mod hours;
pub(super) mod interactions;
pub(super) mod items;
pub mod licence;
pub(super) mod own;
mod paging;
pub(super) mod people;
pub(super) mod phones;
pub(super) mod queues;
pub(super) mod seen;
pub(super) mod services;
pub(super) mod sessions;
pub(super) mod setup;
mod tags;
pub(super) mod trunks;
pub(super) mod write_ups;
