//! The files that OpenStack's clients read, ready to use: `clouds.yaml`, `openrc`, and the `[keystone_authtoken]` section
//! of a service behind keystonemiddleware.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::world::{ADMIN, DEMO, REGION, SERVICE, World};

/// Where they are.
pub(super) struct ClientFiles {
    pub(super) clouds_yaml: PathBuf,
    pub(super) openrc: PathBuf,
    pub(super) keystone_authtoken: PathBuf,
}

impl ClientFiles {
    /// Writes them; they hold passwords, so only their owner can read them.
    pub(super) fn write(directory: &Path, url: &str, world: &World) -> io::Result<Self> {
        let files = Self {
            clouds_yaml: directory.join("clouds.yaml"),
            openrc: directory.join("openrc"),
            keystone_authtoken: directory.join("keystone_authtoken.conf"),
        };
        let password = &world.password;
        write(&files.clouds_yaml, &clouds_yaml(url, password))?;
        write(&files.openrc, &openrc(url, password))?;
        write(&files.keystone_authtoken, &keystone_authtoken(url, password))?;
        Ok(files)
    }

    /// What the terminal shows once the server is up.
    pub(super) fn welcome(&self, url: &str, World { password, .. }: &World) -> String {
        let (clouds_yaml, openrc) = (self.clouds_yaml.display(), self.openrc.display());
        let width = password.chars().count().max("password".len());
        let mut text =
            format!("Fernstone serves {url}\n\n  {:<9} {:<width$}  {:<8} role\n", "user", "password", "project");
        for (name, role) in [(ADMIN, "admin (on the system too)"), (DEMO, "member"), (SERVICE, "service")] {
            text.push_str(&format!("  {name:<9} {password:<width$}  {name:<8} {role}\n"));
        }
        text.push_str(&format!(
            "\n  clouds.yaml           {clouds_yaml}\n  openrc                {openrc}\n  [keystone_authtoken]  {}\n\n\
             Try it in another terminal:\n\n  export OS_CLIENT_CONFIG_FILE={clouds_yaml}\n  \
             openstack --os-cloud fernstone token issue\n\n",
            self.keystone_authtoken.display()
        ));
        text
    }
}

fn clouds_yaml(url: &str, password: &str) -> String {
    let mut text = String::from("clouds:\n");
    for (cloud, name) in [("fernstone", ADMIN), ("fernstone-demo", DEMO), ("fernstone-service", SERVICE)] {
        text.push_str(&format!(
            "  {cloud}:\n    region_name: {REGION}\n    identity_api_version: 3\n    auth:\n      auth_url: {url}\n      \
             username: {name}\n      password: {}\n      project_name: {name}\n      user_domain_id: default\n      \
             project_domain_id: default\n",
            quoted_for_yaml(password)
        ));
    }
    text.push_str(&format!(
        "  fernstone-system:\n    region_name: {REGION}\n    identity_api_version: 3\n    auth:\n      auth_url: {url}\n      \
         username: {ADMIN}\n      password: {}\n      user_domain_id: default\n      system_scope: all\n",
        quoted_for_yaml(password)
    ));
    text
}

fn openrc(url: &str, password: &str) -> String {
    format!(
        "export OS_AUTH_URL={url}\nexport OS_IDENTITY_API_VERSION=3\nexport OS_USERNAME={ADMIN}\nexport OS_PASSWORD={}\n\
         export OS_PROJECT_NAME={ADMIN}\nexport OS_USER_DOMAIN_ID=default\nexport OS_PROJECT_DOMAIN_ID=default\n\
         export OS_REGION_NAME={REGION}\n",
        quoted_for_shell(password)
    )
}

fn keystone_authtoken(url: &str, password: &str) -> String {
    let root = url.trim_end_matches("/v3");
    format!(
        "[keystone_authtoken]\nwww_authenticate_uri = {root}\nauth_url = {root}\nauth_type = password\nusername = {SERVICE}\n\
         password = {}\nproject_name = {SERVICE}\nuser_domain_id = default\nproject_domain_id = default\n\
         region_name = {REGION}\nservice_token_roles = service\nservice_token_roles_required = true\n",
        password.replace('$', "$$")
    )
}

fn quoted_for_shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn quoted_for_yaml(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
