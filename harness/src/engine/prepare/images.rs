//! The images of a plan's routers: kept file systems in every lab, or built by the engine of the
//! docker lab.

use std::collections::BTreeMap;
use std::time::Instant;

use futures::future::join_all;
use lab::docker::{Built, Engine, Recipe, RouterImage};
use lab::image::{Definition, Image, Store};
use lab::{Fault, LabError};
use reports::event::Event;
use reports::text::Text;
use tokio::sync::{Mutex, Semaphore};
use vendors::Profile;

use super::{Listener, millis_since};
use crate::plan::Plan;

/// Packages that every router has, for the person who looks inside a lab that was left up.
/// libfaketime gives a daemon the wrong time, where a case wants that.
const TOOLS: &[&str] = &["iproute2", "iputils-ping", "libfaketime"];
/// Builds at once. More would only wait for the same disk and the same two or three processors.
const BUILDS: usize = 3;
/// Stands in the name of a base image for the release of Debian.
const SUITE: &str = "{suite}";
/// What an engine that can get it builds on, where nobody says otherwise.
const USUAL_BASE: &str = "debian:{suite}-slim";

/// Where images come from.
pub(super) struct Supply<'a> {
    pub(super) store: &'a Store,
    /// The engine that can build images.
    pub(super) engine: Option<&'a Engine>,
    /// The base image that it shall build on.
    pub(super) base: Option<&'a str>,
    /// What the kernel of the lab says when it is asked for ESP, where it has none.
    without_esp: Option<&'a str>,
    pub(super) listener: &'a Listener,
    built: Mutex<BTreeMap<String, Result<RouterImage, LabError>>>,
}

impl<'a> Supply<'a> {
    pub(super) fn new(
        store: &'a Store,
        engine: Option<&'a Engine>,
        (base, without_esp): (Option<&'a str>, Option<&'a str>),
        listener: &'a Listener,
    ) -> Self {
        Self {
            store,
            engine,
            base,
            without_esp,
            listener,
            built: Mutex::default(),
        }
    }

    /// An image for every vendor that takes part and whose router the lab runs.
    pub(super) async fn routers(
        &self,
        plan: &Plan,
    ) -> BTreeMap<String, Result<RouterImage, LabError>> {
        let ours = plan
            .profiles
            .iter()
            .filter(|profile| profile.external.is_none());
        let needed = ours.filter(|profile| {
            // A plan without cases is for those who bring cases of their own.
            plan.cases.is_empty()
                || plan.cells.iter().any(|cell| {
                    cell.lacking().is_empty()
                        && (cell.initiator.id == profile.id || cell.responder.id == profile.id)
                })
        });
        let slots = Semaphore::new(BUILDS);
        let builds = needed.map(|profile| async {
            let _slot = slots.acquire().await;
            let image = match (self.without_esp, profile.with_user_space_esp()) {
                (None, _) => self.router(profile).await,
                (Some(_), Some(fitted)) => self.router(&fitted).await,
                (Some(why), None) => Err(no_esp(profile, why)),
            };
            (profile.id.clone(), image)
        });
        join_all(builds).await.into_iter().collect()
    }

    async fn router(&self, profile: &Profile) -> Result<RouterImage, LabError> {
        let definition = definition(profile).ok_or_else(|| {
            let what = format!("no image is known for {}", profile.id);
            LabError::new(Fault::Harness, what)
        })?;
        let Some(engine) = self.engine else {
            return self.kept(&definition).await;
        };
        // One after the other, and one for all profiles on the same daemon.
        let mut built = self.built.lock().await;
        let key = definition.key();
        if let Some(image) = built.get(&key) {
            return image.clone();
        }
        let image = self.for_engine(engine, profile, &definition).await;
        built.insert(key, image.clone());
        image
    }

    /// Built by the engine if that was asked for, or if there is no kept file system and the engine
    /// can get the usual base image; the kept file system otherwise.
    async fn for_engine(
        &self,
        engine: &Engine,
        profile: &Profile,
        definition: &Definition,
    ) -> Result<RouterImage, LabError> {
        let implementation = &profile.implementation;
        let dockerfile = implementation.dockerfile();
        let named = |base: &str| base.replace(SUITE, &definition.suite);
        let (base, dockerfile) = match (self.base, dockerfile) {
            (Some(base), Some(dockerfile)) => (engine.base(&named(base)).await?, dockerfile),
            (Some(_), None) => {
                let what = format!("{} has no Dockerfile", implementation.name);
                let id = &implementation.id;
                return Err(LabError::new(Fault::Image, what).remedy(format!(
                    "add vendor-profiles/implementations/{id}/Dockerfile, or leave --docker-base out"
                )));
            }
            (None, Some(dockerfile)) if self.store.find(definition).is_none() => {
                match engine.base(&named(USUAL_BASE)).await {
                    Ok(base) => (base, dockerfile),
                    Err(fault) => {
                        tracing::info!(%fault, "no base image, so the file system is made here");
                        return self.kept(definition).await;
                    }
                }
            }
            (None, _) => return self.kept(definition).await,
        };
        let recipe = Recipe {
            definition,
            dockerfile,
            base: &base,
        };
        self.by_engine(engine, &recipe)
            .await
            .map(RouterImage::Built)
    }

    async fn by_engine(&self, engine: &Engine, recipe: &Recipe<'_>) -> Result<Built, LabError> {
        if let Some(built) = engine.find(recipe).await? {
            return Ok(built);
        }
        let name = &recipe.definition.name;
        let what = Text::new(
            format!("building image {name} in the engine"),
            format!("エンジンによるイメージ {name} の作成"),
        );
        self.timed(what, engine.build(recipe)).await
    }

    async fn kept(&self, definition: &Definition) -> Result<RouterImage, LabError> {
        self.obtain(definition).await.map(RouterImage::Packed)
    }

    /// A kept file system, made first if need be.
    pub(super) async fn obtain(&self, definition: &Definition) -> Result<Image, LabError> {
        if let Some(image) = self.store.find(definition) {
            return Ok(image);
        }
        let what = Text::new(
            format!("building image {}", definition.name),
            format!("イメージ {} の作成", definition.name),
        );
        self.timed(what, self.store.obtain(definition)).await
    }

    async fn timed<T>(&self, what: Text, work: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        (self.listener)(Event::PreparationStarted { what: what.clone() });
        let made = work.await;
        (self.listener)(Event::PreparationFinished {
            what,
            millis: millis_since(begun),
        });
        made
    }
}

/// The lab's fault, and nothing that a vendor has to answer for.
fn no_esp(profile: &Profile, why: &str) -> LabError {
    LabError::new(
        Fault::Kernel,
        format!(
            "the kernel of this lab cannot do ESP ({why}), and {} does not do it itself",
            profile.implementation.name
        ),
    )
    .remedy("use --lab vm, which has a kernel of its own")
}

/// The image of a profile: it depends on the implementation and its version alone, so that profiles
/// of one daemon share it.
pub(crate) fn definition(profile: &Profile) -> Option<Definition> {
    let version = profile.packages()?;
    let mut packages = version.packages.clone();
    packages.extend(TOOLS.iter().map(|tool| (*tool).to_owned()));
    if let Some(needed) = profile.user_space_esp() {
        packages.extend(needed.packages.iter().cloned());
    }
    Some(Definition {
        name: format!("{}-{}", profile.implementation.id, profile.version),
        suite: version.suite.clone(),
        packages,
        prepare: version.prepare.iter().map(|argv| argv.to_vec()).collect(),
        hook: None,
    })
}
