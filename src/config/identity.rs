//! `[identity]`: users and their passwords (`keystone.conf.identity`).

use super::section::{choice, section};

section! {
    /// `[identity]`
    Identity in "identity" {
        /// `default_domain_id`, default `default`: the domain that bootstrap creates and that ids without a domain mean.
        default_domain_id: String = "default".to_owned(),
        /// `password_hash_algorithm`, default `bcrypt`: how new passwords are stored. Others still verify.
        password_hash_algorithm: PasswordHashAlgorithm = PasswordHashAlgorithm::Bcrypt,
        /// `password_hash_rounds`, default none: the algorithm's cost, log2 of the rounds for bcrypt and bcrypt_sha256,
        /// their number for pbkdf2_sha512; scrypt does not use it. Unset: the algorithm's own.
        password_hash_rounds: Option<i64> = None,
        /// `scrypt_block_size`, default none: scrypt's r. Unset: the algorithm's own.
        scrypt_block_size: Option<i64> = None,
        /// `scrypt_parallelism`, default none: scrypt's p. Unset: the algorithm's own.
        scrypt_parallelism: Option<i64> = None,
        /// `salt_bytesize`, default none: bytes of salt for scrypt and pbkdf2_sha512. Unset: the
        /// algorithm's own.
        salt_bytesize: Option<i64> = None,
        /// `max_password_length`, default and at most 4096: how many bytes of a password count.
        max_password_length: i64 = 4096,
        /// `list_limit`, default none: the most users or groups a list shows. Unset: `[DEFAULT] list_limit`.
        list_limit: Option<u64> = None,
    }
}

choice! {
    /// How a password is hashed.
    PasswordHashAlgorithm {
        /// bcrypt over the first 72 bytes.
        Bcrypt = "bcrypt",
        /// bcrypt over an HMAC-SHA-256 of the password, as passlib does.
        BcryptSha256 = "bcrypt_sha256",
        /// scrypt.
        Scrypt = "scrypt",
        /// PBKDF2 with SHA-512.
        Pbkdf2Sha512 = "pbkdf2_sha512",
    }
}
