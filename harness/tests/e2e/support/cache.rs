//! Folders of images.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The cache that a run without `--cache` uses.
pub(crate) fn default() -> PathBuf {
    let folder = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    folder("IKEMATRIX_CACHE")
        .or_else(|| folder("XDG_CACHE_HOME").map(|cache| cache.join("ikematrix")))
        .or_else(|| folder("HOME").map(|home| home.join(".cache/ikematrix")))
        .unwrap()
}

/// Makes a cache that has all images of the default one; what is built goes here only.
pub(crate) fn over_the_default(folder: &Path) {
    fs::create_dir_all(folder.join("images")).unwrap();
    for image in images(&default()) {
        symlink(
            &image,
            folder.join("images").join(image.file_name().unwrap()),
        )
        .unwrap();
    }
}

/// The folders of the whole images in a cache.
pub(crate) fn images(cache: &Path) -> Vec<PathBuf> {
    visible(&cache.join("images"))
        .into_iter()
        .filter(|image| image.join("image.json").exists())
        .collect()
}

/// The folders of builds that did not end.
pub(crate) fn unfinished(cache: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache.join("images"))
        .into_iter()
        .flatten()
        .flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && is_hidden(path))
        .collect()
}

fn visible(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| !is_hidden(path))
        .collect()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with('.')
}
