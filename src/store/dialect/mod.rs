//! What differs between databases: how they are opened and locked, their migrations, and how they forget.
//! Never a query: those are the same everywhere, made of what all databases have.

#[cfg(feature = "postgres")]
pub(super) mod postgres;
pub(super) mod sqlite;

use diesel::backend::Backend;
use diesel::migration::{MigrationConnection, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use std::error::Error;

/// The version of a migration that was run and that is not among these; `None` if all that were are.
fn unknown<C, DB: Backend>(
    connection: &mut C,
    migrations: &EmbeddedMigrations,
) -> Result<Option<String>, Box<dyn Error + Send + Sync>>
where
    C: MigrationHarness<DB> + MigrationConnection,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known = MigrationSource::<DB>::migrations(migrations)?;
    let known: Vec<String> = known.iter().map(|one| one.name().version().to_string()).collect();
    let applied = connection.applied_migrations()?;
    Ok(applied.iter().map(ToString::to_string).find(|version| !known.contains(version)))
}
