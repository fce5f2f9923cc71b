//! Disks that are small or cannot be written.

use std::path::Path;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use tempfile::TempDir;

/// A file system of its own. Only root can make one.
pub(crate) struct Disk {
    folder: TempDir,
}

impl Disk {
    /// Gives `None`, and says so, when this user cannot make one.
    pub(crate) fn of(kilobytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={kilobytes}k");
        let kind = Some("tmpfs");
        match mount(
            kind,
            folder.path(),
            kind,
            MsFlags::empty(),
            Some(size.as_str()),
        ) {
            Ok(()) => Some(Self { folder }),
            Err(error) => {
                super::skipped(&format!("a small disk cannot be made here: {error}"));
                None
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn make_read_only(&self) {
        let flags = MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
        mount(None::<&str>, self.path(), None::<&str>, flags, None::<&str>).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = umount2(self.path(), MntFlags::MNT_DETACH);
    }
}
