//! Images in the engine: the root file systems that every other lab uses, taken in as they are.

use std::io::Read;
use std::process::{Command, Stdio};

use bollard::Docker;
use bollard::body_try_stream;
use bollard::errors::Error;
use bollard::models::ImageInspect;
use bollard::query_parameters::CreateImageOptions;
use futures::{StreamExt, TryStreamExt, stream};

use crate::error::{Blame, Fault, LabError};
use crate::image::Image;

/// What our images are called in the engine.
pub(super) const REPOSITORY: &str = "ikematrix";
/// On every image: the digest of the root file system, or of the recipe, that it was made of.
pub(super) const DIGEST: &str = "org.ikematrix.digest";
/// The image without a file.
const EMPTY: &str = "empty";
/// The end of a tar file: two blocks of zeros.
const END_OF_TAR: usize = 1024;
/// Octets that are handed over at once.
const PIECE: usize = 256 * 1024;

/// The engine's id of an image, which it takes in unless it has it. An image of the same name that
/// was made of something else is not taken for it.
pub(super) async fn take_in(docker: &Docker, image: &Image) -> Result<String, LabError> {
    if let Some(id) = find(docker, &image.key, &image.digest).await? {
        return Ok(id);
    }
    let doing = || format!("start sqfs2tar for image {}", image.key);
    let mut unpack = Command::new("sqfs2tar")
        .arg(image.packed())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .blame(Fault::Image, doing)?;
    let archive = unpack.stdout.take();
    let archive = archive.ok_or_else(|| LabError::new(Fault::Harness, "no pipe from sqfs2tar"))?;
    let imported = import(docker, &image.key, &image.digest, archive).await;
    let ended = unpack.wait().blame(Fault::Image, doing)?;
    let id = imported?;
    if ended.success() {
        return Ok(id);
    }
    // Cut short it may be a good image all the same, to look at.
    let _ = docker.remove_image(&id, FORCED, None).await;
    Err(LabError::new(
        Fault::Image,
        format!("unpack image {}: sqfs2tar ended with {ended}", image.key),
    ))
}

const FORCED: Option<bollard::query_parameters::RemoveImageOptions> = None;

/// The engine's id of an image without a file.
pub(super) async fn empty(docker: &Docker) -> Result<String, LabError> {
    if let Some(id) = find(docker, EMPTY, EMPTY).await? {
        return Ok(id);
    }
    import(docker, EMPTY, EMPTY, &[0_u8; END_OF_TAR][..]).await
}

/// The engine's id of an image of this name that was made of this.
pub(super) async fn find(
    docker: &Docker,
    tag: &str,
    digest: &str,
) -> Result<Option<String>, LabError> {
    let name = format!("{REPOSITORY}:{tag}");
    match docker.inspect_image(&name).await {
        Ok(about) => Ok(made_of(about, digest)),
        Err(Error::DockerResponseServerError {
            status_code: 404, ..
        }) => Ok(None),
        Err(error) => Err(error).blame(Fault::Image, || format!("ask the engine for {name}")),
    }
}

/// The id of an image, if it was made of this.
fn made_of(about: ImageInspect, digest: &str) -> Option<String> {
    let labels = about.config?.labels?;
    (labels.get(DIGEST).map(String::as_str) == Some(digest))
        .then_some(about.id)
        .flatten()
}

/// Gives the engine a root file system as a tar file.
async fn import(
    docker: &Docker,
    tag: &str,
    digest: &str,
    archive: impl Read + Send + 'static,
) -> Result<String, LabError> {
    let doing = || format!("give the engine the image {REPOSITORY}:{tag}");
    let options = CreateImageOptions {
        from_src: Some("-".into()),
        repo: Some(REPOSITORY.into()),
        tag: Some(tag.into()),
        changes: vec![format!("LABEL {DIGEST}={digest}")],
        ..CreateImageOptions::default()
    };
    let pieces = stream::try_unfold(archive, |mut archive| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE];
            let length = archive.read(&mut piece)?;
            piece.truncate(length);
            std::io::Result::Ok((piece, archive))
        });
        let (piece, archive) = read.await.map_err(std::io::Error::other)??;
        Ok((!piece.is_empty()).then_some((piece.into(), archive)))
    });
    let mut told = docker.create_image(Some(options), Some(body_try_stream(pieces.boxed())), None);
    while told.try_next().await.blame(Fault::Image, doing)?.is_some() {}
    let found = find(docker, tag, digest).await?;
    found.ok_or_else(|| LabError::new(Fault::Image, format!("{}: it is not there", doing())))
}
