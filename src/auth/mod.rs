//! Authentication: from an auth request to a token. [`authenticate`] reads like the story: parse, find the scope, let
//! every method prove an identity, check the user's multi-factor rules, mint.

pub mod authenticate;
pub mod error;
pub mod lookup;
pub mod methods;
pub mod mfa;
pub mod new_password;
pub mod password;
pub mod password_change;
pub mod request;
pub mod scope;
