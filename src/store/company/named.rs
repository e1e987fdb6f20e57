//! The rows of things that are known by a name. One that is removed keeps its row and gives up its name, so that no id is given
//! twice and another one may be called like it.

/// How things are loaded, numbered and saved whose `table` has the columns `id`, `company`, `name` and `removed_at`; `Row` is made
/// of a thing by `Row::of`, and the thing of it by `read`.
macro_rules! named_rows {
    ($table:ident, $thing:ty) => {
        /// All that a company has, by id.
        pub(super) fn load(
            connection: &mut DatabaseConnection,
            company: CompanyId,
            damages: &mut Vec<Damage>,
        ) -> QueryResult<Vec<$thing>> {
            let of_company = $table::table.filter($table::company.eq(company.stored()));
            let there = of_company.filter($table::removed_at.is_null()).order($table::id);
            Ok(there.select(Row::as_select()).load(connection)?.into_iter().map(|row| row.read(damages)).collect())
        }

        /// The id that comes next.
        pub(super) fn next(connection: &mut DatabaseConnection) -> QueryResult<u64> {
            let last = $table::table.select(diesel::dsl::max($table::id)).first::<Option<i64>>(connection)?;
            Ok(u64::from_stored(last.unwrap_or_default()) + 1)
        }

        /// Makes the rows agree.
        pub(super) fn save(
            connection: &mut DatabaseConnection,
            company: CompanyId,
            before: &[$thing],
            after: &[$thing],
            at: i64,
        ) -> QueryResult<()> {
            // Whoever changes gives up the name first: another one may get it.
            for known in before.iter().filter(|known| !after.contains(known)) {
                let id = known.id.stored();
                let row = || diesel::update($table::table.find(id));
                row().set($table::name.eq(super::reading::retired(&known.name, id))).execute(connection)?;
                if after.iter().all(|kept| kept.id != known.id) {
                    row().set($table::removed_at.eq(at)).execute(connection)?;
                }
            }
            for known in after.iter().filter(|known| !before.contains(known)) {
                let row = Row::of(company, known)?;
                if before.iter().any(|other| other.id == known.id) {
                    diesel::update($table::table.find(row.id)).set(&row).execute(connection)?;
                } else {
                    diesel::insert_into($table::table).values(&row).execute(connection)?;
                }
            }
            Ok(())
        }
    };
}

pub(super) use named_rows;
