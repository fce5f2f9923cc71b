//! Images that the engine builds itself: from the same definition as everywhere, by a Dockerfile, on a
//! base image that the engine has or can get.

use std::collections::HashMap;
use std::time::Duration;

use bollard::body_full;
use bollard::errors::Error;
use bollard::query_parameters::{BuildImageOptions, CreateImageOptions};
use futures::TryStreamExt;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::container::{Order, start};
use super::engine::Engine;
use super::image::{self, DIGEST, REPOSITORY};
use crate::error::{Blame, Fault, LabError};
use crate::image::{Definition, Package, hex, parse_status};

/// The name of the build argument with the base image.
const BASE: &str = "BASE";
/// That with the packages, separated by blanks.
const PACKAGES: &str = "PACKAGES";
/// That with the commands to be run once the packages are there, as a line for a shell.
const PREPARE: &str = "PREPARE";
/// How long a base image may take to come.
const PULL: Duration = Duration::from_secs(600);
/// How long a build may take.
const BUILD: Duration = Duration::from_secs(1200);
/// Lines of a build that are kept to say why it failed, and octets of each.
const LINES: usize = 8;
const LINE: usize = 300;
/// Octets of dpkg's status file that are read. That of a router has a tenth of a megabyte.
const STATUS: u64 = 16 * 1024 * 1024;
/// Octets of os-release that are read.
const RELEASE: u64 = 64 * 1024;

/// What an image is built of.
#[derive(Clone, Copy, Debug)]
pub struct Recipe<'a> {
    pub definition: &'a Definition,
    /// The text of the Dockerfile, which has the build arguments BASE, PACKAGES and PREPARE.
    pub dockerfile: &'a str,
    pub base: &'a Base,
}

/// An image that the engine has built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    pub key: String,
    /// The name of the base image that it was built on.
    pub base: String,
    /// The engine's own id of it: `sha256:` and a digest.
    pub id: String,
    /// Every Debian package in it.
    pub packages: Vec<Package>,
}

/// A base image that the engine has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    name: String,
    /// The engine's id of it.
    id: String,
}

impl Engine {
    /// The base image of this name, which the engine gets from its registry unless it has it.
    ///
    /// # Errors
    /// When it has not and cannot get it.
    pub async fn base(&self, name: &str) -> Result<Base, LabError> {
        let doing = || format!("get the base image {name}");
        if let Some(base) = self.known_base(name).await? {
            return Ok(base);
        }
        let options = CreateImageOptions {
            from_image: Some(name.into()),
            ..CreateImageOptions::default()
        };
        let told = self.docker.create_image(Some(options), None, None);
        let pulled = tokio::time::timeout(PULL, told.try_for_each(|_| async { Ok(()) })).await;
        let pulled = pulled.blame(Fault::Image, doing)?;
        pulled.blame(Fault::Image, doing).map_err(|fault| {
            fault.remedy("pull or import it on the engine first, or leave --docker-base out")
        })?;
        let base = self.known_base(name).await?;
        base.ok_or_else(|| LabError::new(Fault::Image, format!("{}: it is not there", doing())))
    }

    async fn known_base(&self, name: &str) -> Result<Option<Base>, LabError> {
        match self.docker.inspect_image(name).await {
            Ok(about) => Ok(about.id.map(|id| Base {
                name: name.to_owned(),
                id,
            })),
            Err(Error::DockerResponseServerError {
                status_code: 404, ..
            }) => Ok(None),
            Err(error) => Err(error).blame(Fault::Image, || format!("ask the engine for {name}")),
        }
    }

    /// The image of a recipe, if the engine has one of exactly this recipe: of the same definition, by
    /// the same Dockerfile, on the same base image.
    ///
    /// # Errors
    /// When the engine does not answer, or its image is not what the definition declares.
    pub async fn find(&self, recipe: &Recipe<'_>) -> Result<Option<Built>, LabError> {
        let digest = digest(recipe);
        let key = format!("{}-{}", recipe.definition.name, &digest[..16]);
        let Some(id) = image::find(&self.docker, &key, &digest).await? else {
            return Ok(None);
        };
        let packages = self.look_into(&id, &key, recipe).await?;
        let base = recipe.base.name.clone();
        Ok(Some(Built {
            key,
            base,
            id,
            packages,
        }))
    }

    /// Builds the image of a recipe.
    ///
    /// # Errors
    /// When the build fails, or what comes out is not what the definition declares.
    pub async fn build(&self, recipe: &Recipe<'_>) -> Result<Built, LabError> {
        let doing = || {
            format!(
                "{} could not be built by the engine",
                recipe.definition.name
            )
        };
        let digest = digest(recipe);
        let key = format!("{}-{}", recipe.definition.name, &digest[..16]);
        let options = BuildImageOptions {
            t: Some(format!("{REPOSITORY}:{key}")),
            buildargs: Some(arguments(recipe)?),
            labels: Some(HashMap::from([(DIGEST.to_owned(), digest)])),
            // What it needs comes from outside.
            networkmode: Some("host".into()),
            rm: true,
            forcerm: true,
            ..BuildImageOptions::default()
        };
        let folder = context(recipe.dockerfile).blame(Fault::Image, doing)?;
        let body = Some(body_full(folder.into()));
        let told = self.docker.build_image(options, None, body);
        let mut last: Vec<String> = Vec::new();
        let work = told.try_for_each(|info| {
            let said = info.stream.unwrap_or_default();
            last.extend(said.lines().filter(|line| !line.trim().is_empty()).map(cut));
            last.drain(..last.len().saturating_sub(LINES));
            async { Ok(()) }
        });
        let built = tokio::time::timeout(BUILD, work).await;
        let ended = built
            .map_err(|_| format!("it took more than {} s", BUILD.as_secs()))
            .and_then(|ended| ended.map_err(|error| error.to_string()));
        if let Err(why) = ended {
            let what = format!("{}: {}\n{}", doing(), why.trim(), last.join("\n"));
            return Err(LabError::new(Fault::Image, what).remedy(
                "the engine's builds need Debian's package archive, or a base image that has the \
                 packages already; without --docker-base the lab builds the image itself",
            ));
        }
        let found = self.find(recipe).await?;
        found.ok_or_else(|| LabError::new(Fault::Image, format!("{}: it is not there", doing())))
    }

    /// The packages of an image. An image of another release of Debian, or without a package that
    /// it was to get, would pass for a router that it is not.
    async fn look_into(
        &self,
        id: &str,
        key: &str,
        recipe: &Recipe<'_>,
    ) -> Result<Vec<Package>, LabError> {
        let order = Order {
            name: format!("ikematrix-look-{}-{key}", std::process::id()),
            hostname: "look",
            image: id,
            labels: HashMap::from([(super::LAB.to_owned(), "look".to_owned())]),
            tunnels: false,
        };
        let (_, container) = start(&self.docker, order).await?;
        let files = container
            .read("/etc/os-release", RELEASE)
            .and_then(|release| Ok((release, container.read("/var/lib/dpkg/status", STATUS)?)));
        container.stop().await?;
        let (release, status) = files?;
        let packages = parse_status(&String::from_utf8_lossy(&status));
        check(recipe, &String::from_utf8_lossy(&release), &packages)?;
        Ok(packages)
    }
}

/// Whether an image is what its definition declares.
fn check(recipe: &Recipe<'_>, release: &str, packages: &[Package]) -> Result<(), LabError> {
    let Recipe {
        definition, base, ..
    } = recipe;
    let wrong = |what: String, remedy: String| {
        let what = format!("{} on {}: {what}", definition.name, base.name);
        Err(LabError::new(Fault::Image, what).remedy(remedy))
    };
    let suite = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .map_or("", |name| name.trim().trim_matches('"'));
    if suite != definition.suite {
        return wrong(
            format!(
                "the base image is of {suite:?} and the definition of {:?}",
                definition.suite
            ),
            "name a base image with the release in it, such as debian:{suite}-slim".into(),
        );
    }
    let lacking: Vec<&str> = definition
        .packages
        .iter()
        .filter(|wanted| !packages.iter().any(|package| package.name == **wanted))
        .map(String::as_str)
        .collect();
    if !lacking.is_empty() {
        return wrong(
            format!("the image lacks {}", lacking.join(", ")),
            format!("install ${PACKAGES} in the Dockerfile"),
        );
    }
    Ok(())
}

/// In hexadecimal, over all that decides what is built.
fn digest(recipe: &Recipe<'_>) -> String {
    let mut context = Context::new(&SHA256);
    for part in [&recipe.definition.key(), recipe.dockerfile, &recipe.base.id] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    hex(context.finish().as_ref())
}

fn arguments(recipe: &Recipe<'_>) -> Result<HashMap<String, String>, LabError> {
    let Recipe {
        definition, base, ..
    } = recipe;
    let commands = definition.prepare.iter().map(|argv| {
        let words = argv.iter().map(String::as_str);
        shlex::try_join(words).blame(Fault::Image, || format!("quote {argv:?}"))
    });
    let commands = commands.collect::<Result<Vec<_>, LabError>>()?;
    let mut arguments = HashMap::from([
        (BASE.to_owned(), base.id.clone()),
        (PACKAGES.to_owned(), definition.packages.join(" ")),
    ]);
    if !commands.is_empty() {
        arguments.insert(PREPARE.to_owned(), commands.join(" && "));
    }
    Ok(arguments)
}

/// The folder that a build sees, as a tar file: the Dockerfile alone.
fn context(dockerfile: &str) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(dockerfile.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, "Dockerfile", dockerfile.as_bytes())?;
    archive.into_inner()
}

/// A line that is not too long.
fn cut(line: &str) -> String {
    line.chars().take(LINE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Definition {
        Definition {
            name: "libreswan-5.2".into(),
            suite: "trixie".into(),
            packages: vec!["libreswan".into(), "iproute2".into()],
            prepare: vec![vec!["certutil".into(), "-d".into(), "a b".into()]],
            hook: None,
        }
    }

    fn recipe<'a>(definition: &'a Definition, base: &'a Base) -> Recipe<'a> {
        Recipe {
            definition,
            dockerfile: "ARG BASE\nFROM $BASE\n",
            base,
        }
    }

    fn base(id: &str) -> Base {
        Base {
            name: "debian:trixie-slim".into(),
            id: id.into(),
        }
    }

    fn packages(names: &[&str]) -> Vec<Package> {
        let of = |name: &&str| Package {
            name: (*name).to_owned(),
            version: "1".into(),
        };
        names.iter().map(of).collect()
    }

    #[test]
    fn an_image_of_another_definition_dockerfile_or_base_has_another_digest() {
        let (definition, mut other) = (definition(), definition());
        other.packages.pop();
        let (base, newer) = (base("sha256:1"), base("sha256:2"));
        let one = digest(&recipe(&definition, &base));
        assert_eq!(one, digest(&recipe(&definition, &base)));
        assert_ne!(one, digest(&recipe(&definition, &newer)));
        assert_ne!(one, digest(&recipe(&other, &base)));
        let edited = Recipe {
            dockerfile: "ARG BASE\nFROM $BASE\nRUN true\n",
            ..recipe(&definition, &base)
        };
        assert_ne!(one, digest(&edited));
    }

    #[test]
    fn build_arguments_are_the_definition() {
        let arguments = arguments(&recipe(&definition(), &base("sha256:1"))).unwrap();
        assert_eq!(arguments["BASE"], "sha256:1");
        assert_eq!(arguments["PACKAGES"], "libreswan iproute2");
        assert_eq!(arguments["PREPARE"], "certutil -d 'a b'");
    }

    #[test]
    fn an_image_of_another_release_or_without_a_package_is_refused() {
        let (definition, base) = (definition(), base("sha256:1"));
        let recipe = recipe(&definition, &base);
        let both = packages(&["iproute2", "libreswan", "more"]);
        check(&recipe, "ID=debian\nVERSION_CODENAME=trixie\n", &both).unwrap();
        for (release, packages, reason) in [
            ("VERSION_CODENAME=bookworm\n", &both[..], "\"bookworm\""),
            ("ID=debian\n", &both, "of \"\""),
            (
                "VERSION_CODENAME=\"trixie\"\n",
                &both[..1],
                "lacks libreswan",
            ),
        ] {
            let fault = check(&recipe, release, packages).unwrap_err().to_string();
            assert!(fault.contains(reason), "{fault}");
        }
    }
}
