//! Runs a test as somebody whom file modes stop, also where the tests run as root.

use std::thread;

use rustix::{
    fs::{Gid, Mode, Uid},
    process::{geteuid, umask},
    thread::{UnshareFlags, set_thread_groups, set_thread_res_gid, set_thread_res_uid},
};

/// Ids of `nobody` and `nogroup`.
pub(crate) const NOBODY: u32 = 65534;

/// Runs `work` on a thread of its own that is nobody, if this process is root, and else itself; with a umask of its own,
/// which begins as 0022. On Linux both belong to the thread, so that tests which run beside it are not touched.
pub(crate) fn as_unprivileged<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    as_ourselves(|| {
        if geteuid().is_root() {
            let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
            set_thread_groups(&[]).expect("root may drop groups");
            set_thread_res_gid(group, group, group).expect("root may become nogroup");
            set_thread_res_uid(user, user, user).expect("root may become nobody");
        }
        work()
    })
}

/// The same with the rights that the tests have.
pub(crate) fn as_ourselves<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let with_own_umask = || {
        own_umask();
        umask(Mode::from_raw_mode(0o022));
        work()
    };
    thread::scope(|scope| match scope.spawn(with_own_umask).join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

#[expect(deprecated, reason = "deprecated for its other flags; giving a thread its own umask is safe")]
fn own_umask() {
    rustix::thread::unshare(UnshareFlags::FS).expect("a thread may have a umask of its own");
}
