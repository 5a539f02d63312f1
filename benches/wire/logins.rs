//! Logins by password: as many as the processors can hash, and what is left of them for validations.

use std::{
    sync::Arc,
    thread::available_parallelism,
    time::{Duration, Instant},
};

use ::fernstone::{
    auth::password::{NewHash, PasswordSettings, check_password, hash_password},
    domain::{random::SystemRandom, secret::SecretText},
};

use crate::{
    Options,
    load::{Outcome, Requests, load, load_at_rate},
    place::{Place, once, post},
    table::Table,
    world::{PASSWORD, World, project_of},
};

/// Keystone's algorithms, with its defaults.
const ALGORITHMS: [(&str, NewHash); 4] = [
    ("bcrypt", NewHash::Bcrypt { cost: 12 }),
    ("bcrypt_sha256", NewHash::BcryptSha256 { cost: 12 }),
    ("scrypt", NewHash::Scrypt { block_size: 8, parallelism: 1, salt_bytes: 16 }),
    ("pbkdf2_sha512", NewHash::Pbkdf2Sha512 { rounds: 25_000, salt_bytes: 16 }),
];

/// So many users log in, one after the other.
const USERS: u64 = 1000;

/// Of the peak, what the validations beside logins come at.
const SHARE: f64 = 0.2;

/// The rows about logins.
pub(crate) async fn rows(place: &Place, options: &Options) {
    for (algorithm, new_hash) in ALGORITHMS {
        let name = format!("POST password, logins Postgres, {algorithm}, beside the hash alone");
        if options.wants(&name) {
            alone(&name, place, new_hash, options).await;
        }
    }
    let name = "validation at 20 % of its peak, logins Postgres, beside none";
    if options.wants(name) {
        beside(name, place, options).await;
    }
}

/// Nothing but logins, compared with nothing but hashes.
async fn alone(name: &str, place: &Place, new_hash: NewHash, options: &Options) {
    let (settings, hash) = all_have(place, new_hash).await;
    let (pairs, round) = pairs_and_round(new_hash, options);
    let mut table = Table::default();
    for _ in 0..pairs {
        let hashes = hashes_alone(&settings, &hash, round);
        // As many as take about as long, so that none is left half done, and no core has nothing to do at the end.
        let many = (hashes.rate * round.as_secs_f64()) as u64;
        let many = (many - many % cores()).max(cores());
        let logins: Vec<_> = (0..many).map(login).collect();
        table.add(hashes, load(place.server.address, &once(&logins), 201, Duration::from_secs(600)).await);
    }
    table.print(name);
}

/// Three times as many pairs of an algorithm with so many logins in a round that what else a machine is busy with shows more than what is
/// beside the hash. Of the others rounds of three times the length: of a few seconds a core that has nothing left to do
/// before the other would be some percent.
fn pairs_and_round(new_hash: NewHash, options: &Options) -> (usize, Duration) {
    match new_hash {
        NewHash::Pbkdf2Sha512 { .. } => (options.pairs * 3, options.round),
        _ => (options.pairs, options.round * 3),
    }
}

/// Validations at a fixed rate, without logins and with as many as there can be.
async fn beside(name: &str, place: &Place, options: &Options) {
    all_have(place, NewHash::Bcrypt { cost: 12 }).await;
    let address = place.server.address;
    let all = place.validations("/v3/auth/tokens", 0..options.tokens);
    load(address, &once(&all), 200, Duration::from_secs(600)).await;
    let validations = Requests::in_turn(all);
    let rate = SHARE * load(address, &validations, 200, options.round).await.rate;
    let mut table = Table::default();
    for _ in 0..options.pairs {
        let quiet = load_at_rate(address, &validations, 200, options.round, rate).await;
        let logins = Requests::in_turn((0..1000).map(login).collect());
        let round = options.round;
        let logging_in = tokio::spawn(async move { load(address, &logins, 201, round).await });
        table.add(quiet, load_at_rate(address, &validations, 200, options.round, rate).await);
        logging_in.await.expect("no login fails");
    }
    table.print(name);
}

fn cores() -> u64 {
    available_parallelism().expect("processors").get() as u64
}

/// Gives everybody's password this hash. All users are known, and have logged in today: most logins are of those who have.
async fn all_have(place: &Place, new_hash: NewHash) -> (PasswordSettings, String) {
    let settings = PasswordSettings { new_hash, ..PasswordSettings::default() };
    let hash = hash_password(&settings, &SecretText::new(PASSWORD), &SystemRandom).expect("a hash");
    let day = r#"UPDATE "user" SET last_active_at = (now() AT TIME ZONE 'utc')::date"#.to_owned();
    place.execute([format!("UPDATE password SET password_hash = '{hash}'"), day]).await;
    let tokens = (0..USERS).map(|number| place.world.token_among(USERS, number));
    let validations = place.validations_of("/v3/auth/tokens", tokens);
    load(place.server.address, &once(&validations), 200, Duration::from_secs(60)).await;
    (settings, hash)
}

/// How often the processors can check the password, with nothing else to do.
fn hashes_alone(settings: &PasswordSettings, hash: &str, time: Duration) -> Outcome {
    let cores = cores();
    let (settings, hash): (PasswordSettings, Arc<str>) = (*settings, hash.into());
    let threads: Vec<_> = (0..cores)
        .map(|_| {
            let hash = Arc::clone(&hash);
            std::thread::spawn(move || {
                let (start, mut count) = (Instant::now(), 0.0);
                while start.elapsed() < time {
                    assert!(check_password(&settings, &SecretText::new(PASSWORD), &hash).expect("a good hash"));
                    count += 1.0;
                }
                count / start.elapsed().as_secs_f64()
            })
        })
        .collect();
    let rate: f64 = threads.into_iter().map(|thread| thread.join().expect("it hashes")).sum();
    #[expect(clippy::cast_precision_loss, reason = "few")]
    let p99 = Duration::from_secs_f64(cores as f64 / rate);
    Outcome { rate, p99 }
}

fn login(number: u64) -> Box<[u8]> {
    let user = number.wrapping_mul(7919) % USERS;
    let (id, project) = (World::user_id(user), World::project_id(project_of(user, 0)));
    let password = format!(r#""password":{{"user":{{"id":"{id}","password":"{PASSWORD}"}}}}"#);
    let identity = format!(r#""identity":{{"methods":["password"],{password}}}"#);
    post("/v3/auth/tokens", &format!(r#"{{"auth":{{{identity},"scope":{{"project":{{"id":"{project}"}}}}}}}}"#))
}
