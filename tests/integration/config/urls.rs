//! Database URLs have the parts that they have in SQLAlchemy.

use std::collections::BTreeMap;

use fernstone::store::url::{DatabaseUrl, SqliteLocation};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Recorded {
    url: String,
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    scheme: String,
    username: Option<String>,
    password: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    database: Option<String>,
    #[serde(default)]
    query: BTreeMap<String, String>,
}

#[test]
fn urls_are_read_as_by_sqlalchemy() {
    let cases: Vec<Recorded> = serde_json::from_str(include_str!("recorded/urls.json")).unwrap();
    assert!(cases.len() > 50);
    for case in cases {
        let dialect = case.scheme.split('+').next().unwrap();
        let parsed = DatabaseUrl::parse(&case.url);
        if case.refused || !["postgresql", "postgres", "sqlite"].contains(&dialect) {
            assert!(parsed.is_err(), "{case:?} is taken as {parsed:?}");
            continue;
        }
        // SQLAlchemy tells an empty part from an absent one, and its drivers then treat both alike.
        let part = |text: Option<String>| text.filter(|text| !text.is_empty());
        match parsed.unwrap() {
            DatabaseUrl::Postgres(url) => {
                assert_eq!(url.username, part(case.username), "{}", case.url);
                let password = url.password.map(|password| password.expose().to_owned());
                assert_eq!(password, case.password, "{}", case.url);
                assert_eq!(url.host, part(case.host), "{}", case.url);
                assert_eq!(url.port, case.port, "{}", case.url);
                assert_eq!(url.database, part(case.database), "{}", case.url);
                assert_eq!(url.parameters.into_iter().collect::<BTreeMap<_, _>>(), case.query, "{}", case.url);
            }
            DatabaseUrl::Sqlite(SqliteLocation::Memory) => {
                assert!(case.database.is_none_or(|name| name.is_empty() || name == ":memory:"), "{}", case.url);
            }
            DatabaseUrl::Sqlite(SqliteLocation::File(path)) => {
                assert_eq!(path.to_str().unwrap(), case.database.unwrap(), "{}", case.url);
            }
        }
    }
}
