//! `[security_compliance]`: rules for passwords and failed logins (`keystone.conf.security_compliance`).

use super::section::section;

section! {
    /// `[security_compliance]`
    SecurityCompliance in "security_compliance" {
        /// `lockout_failure_attempts`, default none: failed logins after which a user is locked. Unset: never.
        lockout_failure_attempts: Option<u64> = None,
        /// `lockout_duration`, default 1800: how long a user stays locked, in seconds. Empty: until an admin unlocks.
        lockout_duration: Option<u64> = Some(1800),
        /// `disable_user_account_days_inactive`, default none: days without a login after which a user counts as
        /// disabled. Unset: never.
        disable_user_account_days_inactive: Option<u64> = None,
        /// `password_expires_days`, default none: days after which a newly set password expires. Unset: never.
        password_expires_days: Option<u64> = None,
        /// `unique_last_password_count`, default 0: a new password must differ from so many before it, itself counted.
        unique_last_password_count: u64 = 0,
        /// `minimum_password_age`, default 0: days before a user may change a password again.
        minimum_password_age: u64 = 0,
        /// `password_regex`, default none: what a new password must match, from its start, in Python's syntax.
        password_regex: Option<String> = None,
        /// `password_regex_description`, default none: that rule in words, for the error message.
        password_regex_description: Option<String> = None,
        /// `change_password_upon_first_use`, default false: a password that an admin set counts as expired.
        change_password_upon_first_use: bool = false,
    }
}
