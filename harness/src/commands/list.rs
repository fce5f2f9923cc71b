//! `ikematrix list`: what there is to run.

use reports::escape::visible;

use super::print;
use crate::cli::Common;
use crate::failure::{AS_EXPECTED, Failure};
use crate::project::Project;
use crate::words;

/// Characters of a name or a title that are shown.
const NAME_LIMIT: usize = 120;

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
        let place = profile
            .external
            .as_ref()
            .map_or_else(String::new, |external| {
                format!("  {}", words::external::place(external).in_lang(lang))
            });
        text.push_str(&format!(
            "vendor  {:<18} {} ({} {})  {}{place}\n",
            profile.id,
            visible(profile.name.in_lang(lang), NAME_LIMIT),
            profile.implementation.name,
            visible(&profile.version, NAME_LIMIT),
            methods.join(", ")
        ));
    }
    for case in project.cases() {
        text.push_str(&format!(
            "case    {:<18} {} ({})\n",
            case.id,
            visible(case.title.in_lang(lang), NAME_LIMIT),
            case.clause
        ));
    }
    print(&text);
    Ok(AS_EXPECTED)
}
