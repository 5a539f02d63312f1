//! A bootstrapped cloud with everything that mints and validates, but no HTTP.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta};
use fernstone::{
    assignment::resolver::RoleResolver,
    auth::password::{NewHash, PasswordSettings},
    bootstrap::{BootstrapRequest, Bootstrapped, UserRules, bootstrap},
    domain::{
        claims::Grant,
        clock::ManualClock,
        random::{SeededRandom, SharedRandom},
        secret::SecretText,
        user::InactivityLimit,
    },
    formatter::{MethodList, Settings, TokenFormatter},
    keys::{FollowSettings, KeyOwner, KeyRepository, KeyRing},
    store::{
        directory::Directory,
        feed::{Feed, Following},
        roster::Roster,
    },
    token::{
        loader::ContextLoader,
        provider::{IssueRequest, IssuedToken, TokenProvider, TokenSettings},
    },
};
use tempfile::TempDir;

use crate::store::World;

/// See the module.
pub(super) struct Cloud {
    pub(super) world: World,
    pub(super) made: Bootstrapped,
    pub(super) tokens: TokenProvider,
    /// The same, but nothing is ever kept.
    pub(super) reading_through: TokenProvider,
    /// The same, but nothing is kept save whom the roster has.
    pub(super) by_roster: TokenProvider,
    /// Empty until it is told to read.
    pub(super) roster: Roster,
    pub(super) clock: Arc<ManualClock>,
    pub(super) random: SharedRandom,
    pub(super) repository: KeyRepository,
    _keys: TempDir,
    _changes: Option<Following>,
}

impl Cloud {
    /// An admin with a project on `world`, at a fixed time, with a ring that does not look at its directory by itself:
    /// what a test sees of a change of keys it sees because it was looked for.
    pub(super) async fn on(world: World) -> Self {
        Self::with(world, 0).await
    }

    /// As [`Cloud::on`], with room for a thousand tokens in memory and the feed at work.
    pub(super) async fn keeping(world: World) -> Self {
        let mut cloud = Self::with(world, 1000).await;
        cloud._changes = Some(cloud.world.store.feed().follow());
        let works = cloud.world.store.feed().wait_until(Feed::is_working);
        tokio::time::timeout(Duration::from_secs(30), works).await.expect("the feed works");
        cloud
    }

    async fn with(world: World, kept_tokens: usize) -> Self {
        let world = world.synced().await;
        let clock = ManualClock::at(DateTime::from_timestamp(1_790_000_000, 123_456_000).expect("a time"));
        let random: SharedRandom = SeededRandom::new(7);
        let rules = UserRules {
            passwords: PasswordSettings { new_hash: NewHash::Bcrypt { cost: 4 }, ..PasswordSettings::default() },
            ..UserRules::default()
        };
        let request = BootstrapRequest::new(SecretText::new("secret"));
        let made =
            bootstrap(&world.store, &rules, &*clock, &random, &"default".into(), &request).await.expect("bootstrap");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let repository = KeyRepository::new(directory.path().join("keys"), NonZeroU32::new(3).expect("not zero"));
        repository.setup(KeyOwner::default(), &*random).expect("keys");
        let never = Duration::from_secs(3600);
        let follow = FollowSettings { poll_interval: never, change_events: false, ..FollowSettings::default() };
        let keys = KeyRing::follow(repository.clone(), follow).expect("a ring");
        let provider = |kept_tokens, roster: &Roster| {
            TokenProvider::new(
                world.store.clone(),
                ContextLoader::new(
                    Directory::new(world.store.clone(), kept_tokens).with_roster(roster.clone()),
                    RoleResolver::new(world.store.clone(), 0),
                    InactivityLimit(Some(30)),
                ),
                keys.clone(),
                TokenFormatter::new(Settings {
                    methods: MethodList::new(["external", "password", "token"]),
                    default_domain_id: "default".to_owned(),
                    max_token_size: 255,
                }),
                clock.clone(),
                random.clone(),
                TokenSettings {
                    expiration: TimeDelta::hours(1),
                    revocation_buffer: TimeDelta::minutes(30),
                    kept_tokens,
                },
            )
        };
        let [nobody, roster] = [0, kept_tokens].map(|most| Roster::new(world.store.clone(), most));
        let (tokens, reading_through) = (provider(kept_tokens, &nobody), provider(0, &nobody));
        let by_roster = provider(0, &roster);
        Self {
            world,
            made,
            tokens,
            reading_through,
            by_roster,
            roster,
            clock,
            random,
            repository,
            _keys: directory,
            _changes: None,
        }
    }

    /// What a login of the admin for the admin's project asks for.
    pub(super) fn request(&self) -> IssueRequest {
        IssueRequest {
            user_id: self.made.user_id.clone(),
            methods: vec!["password".to_owned()],
            grant: Grant::Project(self.made.project_id.clone()),
            expires_at: None,
            parent_audit_id: None,
        }
    }

    /// A token of the admin for the admin's project.
    pub(super) async fn token(&self) -> IssuedToken {
        self.tokens.issue(self.request()).await.expect("a token")
    }

    /// A token made from `parent`, unscoped.
    pub(super) async fn child_of(&self, parent: &IssuedToken) -> IssuedToken {
        let request = IssueRequest {
            methods: vec!["token".to_owned(), "password".to_owned()],
            grant: Grant::Unscoped,
            expires_at: Some(parent.token.claims.expires_at),
            parent_audit_id: Some(parent.token.claims.audit.chain().to_owned()),
            ..self.request()
        };
        self.tokens.issue(request).await.expect("a token")
    }

    /// The message with which a token is refused; `None`: it is good.
    pub(super) async fn refusal(&self, token: &IssuedToken) -> Option<String> {
        self.tokens.validate(token.text.expose(), Default::default()).await.err().map(|error| error.to_string())
    }
}
