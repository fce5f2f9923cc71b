//! `ikematrix list`: what there is to run.

use super::print;
use crate::cli::Common;
use crate::failure::{AS_EXPECTED, Failure};
use crate::project::Project;

pub(crate) fn list(common: &Common) -> Result<u8, Failure> {
    let project = Project::load(common.project.as_deref())?;
    let lang = common.lang();
    let mut text = String::new();
    for profile in project.profiles() {
        let methods: Vec<_> = profile
            .methods
            .iter()
            .map(|method| method.as_str())
            .collect();
        text.push_str(&format!(
            "vendor  {:<18} {} ({} {})  {}\n",
            profile.id,
            profile.name.in_lang(lang),
            profile.implementation.name,
            profile.version,
            methods.join(", ")
        ));
    }
    for case in project.cases() {
        text.push_str(&format!(
            "case    {:<18} {} ({})\n",
            case.id,
            case.title.in_lang(lang),
            case.clause
        ));
    }
    print(&text);
    Ok(AS_EXPECTED)
}
