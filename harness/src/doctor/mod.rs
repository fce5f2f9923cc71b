//! `ikematrix doctor`: what the labs need of this machine, tried by doing it, and what mends it.

mod examine;
mod finding;
mod render;
mod requirement;
#[cfg(test)]
mod tests;
mod verdict;
mod words;

pub(crate) use examine::examine;
pub(crate) use render::render;
pub(crate) use verdict::Verdict;
