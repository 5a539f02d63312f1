//! The binary under the name of keystone-manage.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use rustix::process::geteuid;
use serde_json::Value;

use super::{
    manners::completed,
    spoken::{Answer, User, binary, command, fernstone, room},
};

/// A cloud of its own: a configuration, and directories that are not made yet.
struct Cloud {
    room: tempfile::TempDir,
    link: PathBuf,
}

impl Cloud {
    fn new() -> Self {
        let room = room();
        let link = room.path().join("keystone-manage");
        symlink(binary(), &link).unwrap();
        let at = |name: &str| room.path().join(name).display().to_string();
        let text = format!(
            "[database]\nconnection = sqlite:///{}\n[fernet_tokens]\nkey_repository = {}\n[fernet_receipts]\nkey_repository \
             = {}\n[credential]\nkey_repository = {}\n[identity]\npassword_hash_rounds = 10\n",
            at("keystone.db"),
            at("fernet"),
            at("receipts"),
            at("credentials")
        );
        fs::write(room.path().join("keystone.conf"), text).unwrap();
        Self { room, link }
    }

    fn config(&self) -> String {
        self.room.path().join("keystone.conf").display().to_string()
    }

    fn manage(&self, arguments: &[&str]) -> Answer {
        let config = self.config();
        let line = [&["--config-file", &config], arguments].concat();
        command(&self.link, User::Same).args(line).output().unwrap().into()
    }

    /// A verb that root has to name the owner of keys for.
    fn manage_keys(&self, verb: &str) -> Answer {
        let (user, group) = ids();
        self.manage(&[verb, "--keystone-user", &user, "--keystone-group", &group])
    }

    fn names(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.room.path().join(directory)).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn ready() -> Self {
        let cloud = Self::new();
        for verb in ["fernet_setup", "credential_setup"] {
            assert_eq!(cloud.manage_keys(verb).status, 0);
        }
        assert_eq!(cloud.manage(&["db_sync"]).status, 0);
        let bootstrap = ["bootstrap", "--bootstrap-password", "secret", "--bootstrap-region-id", "RegionOne"];
        let done = cloud.manage(&[&bootstrap[..], &["--bootstrap-public-url", "http://127.0.0.1:5000/v3"]].concat());
        assert_eq!(done.status, 0, "{done:?}");
        cloud
    }
}

fn ids() -> (String, String) {
    (geteuid().as_raw().to_string(), rustix::process::getegid().as_raw().to_string())
}

#[test]
fn its_verbs_do_what_keystones_do() {
    let cloud = Cloud::ready();
    assert_eq!(cloud.manage(&["db_version"]).stdout, "742c857f1dfb\n");
    assert_eq!(cloud.manage(&["db_sync", "--check"]).status, 0);
    for directory in ["fernet", "receipts", "credentials"] {
        assert_eq!(cloud.names(directory), ["0", "1"], "{directory}");
    }
    let rotated = cloud.manage_keys("fernet_rotate");
    assert_eq!(rotated.status, 0, "{rotated:?}");
    assert!(!rotated.stderr.contains("may cost live tokens"), "there is room: {rotated:?}");
    assert_eq!(
        (cloud.names("fernet"), cloud.names("receipts")),
        (cloud.names("receipts"), vec!["0".into(), "1".into(), "2".into()])
    );
    assert_eq!(cloud.manage_keys("receipt_rotate").status, 0);
    assert_eq!((cloud.names("fernet").len(), cloud.names("receipts")), (3, vec!["0".into(), "2".into(), "3".into()]));
    let again = cloud.manage_keys("fernet_rotate");
    assert_eq!((again.status, cloud.names("fernet")), (0, vec!["0".to_owned(), "2".to_owned(), "3".to_owned()]));
    assert!(again.stderr.contains("WARN fernstone::cli: This rotation of"), "it warns, and rotates: {again:?}");
    assert_eq!(cloud.manage_keys("credential_migrate").status, 0);
    assert_eq!(cloud.manage_keys("credential_rotate").status, 0);
    assert_eq!(cloud.names("credentials"), ["0", "1", "2"]);
    // What knows only of time does not rotate them.
    let (config, credentials) = (cloud.config(), cloud.room.path().join("credentials").display().to_string());
    let line = ["--config-file", &config, "fernet", "rotate", "--json", "--key-repository", &credentials];
    let refused = fernstone(User::Same, line);
    assert!(refused.status == 3 && refused.stderr.contains("`credential_rotate`"), "{refused:?}");
    assert_eq!(refused.json()["reasons"][0]["code"], "credentials");
    assert_eq!(cloud.names("credentials"), ["0", "1", "2"]);
    // oslo.log's flags are taken, before the verb and after it.
    assert_eq!(cloud.manage(&["--debug", "--nouse-syslog", "--log-file", "/nowhere", "db_version"]).status, 0);
    assert_eq!(cloud.manage(&["db_version", "-d"]).status, 0);
    assert_eq!(cloud.manage(&["--log-config", "/x", "--logdir", "/x", "--logfile", "y", "db_version"]).status, 0);
}

#[test]
fn completions_are_asked_for_as_oslo_config_has_it() {
    let cloud = Cloud::new();
    let ask = |line: &[&str]| Answer::from(command(&cloud.link, User::Same).args(line).output().unwrap());
    let script = ask(&["--shell_completion", "bash"]);
    assert_eq!(script.status, 0);
    let file = cloud.room.path().join("completions");
    fs::write(&file, script.stdout).unwrap();
    assert_eq!(completed(&file, "keystone-manage db_sync --ch"), "--check");
    assert_eq!(completed(&file, "keystone-manage --config-file x credential_mi"), "credential_migrate");
    let zsh = ask(&["--shell_completion", "zsh"]);
    assert!(zsh.status == 0 && zsh.stdout.starts_with("#compdef keystone-manage"), "{zsh:?}");
    assert_eq!(ask(&["--shell_completion", "fish"]).status, 2);
    let config = cloud.config();
    assert_eq!(ask(&["--config-file", &config, "--shell_completion", "bash"]).status, 2, "a verb is missing");
}

#[test]
fn keystones_other_verbs_are_refused_by_name() {
    let cloud = Cloud::new();
    for verb in [
        "create_jws_keypair",
        "domain_config_upload",
        "mapping_engine",
        "mapping_populate",
        "mapping_purge",
        "project_setup",
        "reset_last_active",
        "saml_idp_metadata",
        "token_rotate",
        "token_setup",
        "trust_flush",
        "user_setup",
    ] {
        for more in [&[][..], &["--help"], &["--keystone-user", "x", "anything"]] {
            let answer = cloud.manage(&[&[verb], more].concat());
            assert_eq!(answer.status, 1, "{answer:?}");
            assert!(answer.stderr.contains(&format!("{verb} is not here")), "{answer:?}");
        }
    }
    for unknown in ["fernet", "serve", "dev", "no_such_verb"] {
        assert_eq!(cloud.manage(&[unknown]).status, 2, "{unknown} is no verb of keystone-manage");
    }
}

#[test]
fn a_doctor_with_nothing_to_say_but_sqlite() {
    let cloud = Cloud::ready();
    let diagnosis = doctor(&cloud, 4);
    assert_eq!(codes(&diagnosis, "warning"), ["database-sqlite"], "{diagnosis:#}");
    assert_eq!(codes(&diagnosis, "error"), Vec::<String>::new());
    let examined: Vec<&str> = diagnosis["examined"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(
        examined,
        ["configuration", "keys", "clock", "policy", "database", "catalog", "admin", "passwords", "credentials"]
    );
    let answer = cloud.manage(&["doctor"]);
    assert_eq!(
        (answer.status, answer.stderr.as_str()),
        (1, ""),
        "Keystone's exit status, and no log beside the findings"
    );
    assert!(answer.stdout.contains(": 0 errors, 1 warning.\n"), "{answer:?}");
}

#[test]
fn a_doctor_sees_one_directory_behind_two_spellings() {
    let cloud = Cloud::ready();
    let text = fs::read_to_string(cloud.config()).unwrap();
    let room = cloud.room.path().display().to_string();
    symlink(cloud.room.path().join("fernet"), cloud.room.path().join("link")).unwrap();
    for (credentials, subject) in
        [("fernet/", "tokens"), ("etc/../fernet", "tokens"), ("link", "tokens"), ("./receipts", "receipts")]
    {
        let credentials = format!("{room}/{}", credentials.replace("etc/..", "fernet/.."));
        fs::write(cloud.config(), text.replace(&format!("{room}/credentials"), &credentials)).unwrap();
        let diagnosis = doctor(&cloud, 4);
        assert_eq!(codes(&diagnosis, "error"), ["key-repositories-shared"], "{credentials}");
        assert!(diagnosis["findings"][0]["message"].as_str().unwrap().contains(subject), "{diagnosis:#}");
    }
}

#[test]
fn a_doctor_finds_what_is_wrong() {
    let cloud = Cloud::new();
    let config = PathBuf::from(cloud.config());
    let text = fs::read_to_string(&config).unwrap();
    // Nothing was made yet.
    let nothing = doctor(&cloud, 4);
    assert_eq!(codes(&nothing, "error"), ["directory-unusable", "directory-unusable", "database-unreachable"]);
    let cloud = Cloud::ready();
    let policy = cloud.room.path().join("policy.yaml");
    fs::write(&policy, "\"identity:list_services\": \"role:nobody\"\n").unwrap();
    let wrong = text.replace(
        "[identity]\npassword_hash_rounds = 10",
        &format!(
            "[DEFAULT]\ndebug = true\nadmin_token = s3same\nmax_token_size = 300\nno_such_option = 1\n[identity]\n\
             password_hash_rounds = 4\n[security_compliance]\npassword_regex = (\n[oslo_policy]\npolicy_file = {}\n[cache]\n\
             enabled = true\n",
            policy.display()
        ),
    );
    fs::write(
        cloud.config(),
        wrong.replace(config.parent().unwrap().to_str().unwrap(), cloud.room.path().to_str().unwrap()),
    )
    .unwrap();
    fs::write(cloud.room.path().join("fernet/7"), "garbage").unwrap();
    let diagnosis = doctor(&cloud, 4);
    let (errors, warnings) = (codes(&diagnosis, "error"), codes(&diagnosis, "warning"));
    for code in ["key-unusable", "password-regex"] {
        assert!(errors.iter().any(|found| found == code), "{code} is not among {errors:?}");
    }
    for code in
        ["debug-on", "admin-token-set", "option-unknown", "option-not-honoured", "password-hash-cost", "max-token-size"]
    {
        assert!(warnings.iter().any(|found| found == code), "{code} is not among {warnings:?}");
    }
    let notes = codes(&diagnosis, "note");
    assert!(notes.contains(&"policy-differs".to_owned()), "{notes:?}");
    assert!(!diagnosis.to_string().contains("s3same"), "no secret is told");
    fs::write(&policy, "\"identity:list_services\": \"rule:nobody\"\n").unwrap();
    let line = ["--config-file", &cloud.config(), "doctor", "--json"];
    let unknown_rule = fernstone(User::Same, line);
    assert!(codes(&unknown_rule.json(), "warning").contains(&"policy-rule".to_owned()));
    assert_eq!(unknown_rule.stderr, "", "what is found is not logged besides");
    fs::write(&policy, "- not\n- a map\n").unwrap();
    assert!(codes(&doctor(&cloud, 4), "error").contains(&"policy-unusable".to_owned()));
}

#[test]
fn a_configuration_for_others_is_said_to_be_refused_and_looked_at_all_the_same() {
    let cloud = Cloud::ready();
    let text = fs::read_to_string(cloud.config()).unwrap().replace("[identity]\n", "[identity]\ndriver = ldap\n");
    fs::write(cloud.config(), text).unwrap();
    let diagnosis = doctor(&cloud, 4);
    assert_eq!(codes(&diagnosis, "error"), ["configuration-refused"], "{diagnosis:#}");
    assert!(diagnosis["examined"].to_string().contains("catalog"));
    fs::remove_file(Path::new(&cloud.config())).unwrap();
    assert_eq!(codes(&doctor(&cloud, 4), "error"), ["configuration-unreadable"]);
}

fn doctor(cloud: &Cloud, status: i32) -> Value {
    let answer = fernstone(User::Same, ["--config-file", &cloud.config(), "doctor", "--json"]);
    assert_eq!(answer.status, status, "{answer:?}");
    answer.json()
}

fn codes(diagnosis: &Value, severity: &str) -> Vec<String> {
    let findings = diagnosis["findings"].as_array().unwrap().iter().filter(|it| it["severity"] == severity);
    findings.map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}
