//! Points in time, fixed or reckoned from the time of issuing.

use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp, civil};
use serde::Deserialize;

use crate::error::IssueError;

/// A point in time and how it is encoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "MomentFile")]
pub struct Moment {
    point: Point,
    /// `None`: UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 section 4.1.2.5).
    pub form: Option<TimeForm>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Point {
    At(Timestamp),
    FromNow {
        years: i16,
        days: i32,
        hours: i32,
        /// At this time of the day that it is by the clock of this offset.
        clock: Option<(civil::Time, Offset)>,
    },
}

/// The ASN.1 type of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeForm {
    UtcTime,
    GeneralizedTime,
}

/// A moment as a profile writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MomentFile {
    at: Option<String>,
    years: Option<i16>,
    days: Option<i32>,
    hours: Option<i32>,
    time: Option<String>,
    form: Option<TimeForm>,
}

impl Moment {
    /// Now, in the usual form.
    pub(crate) const NOW: Self = Self {
        point: Point::FromNow {
            years: 0,
            days: 0,
            hours: 0,
            clock: None,
        },
        form: None,
    };

    /// The moment for a certificate issued at `now`, to the second.
    ///
    /// # Errors
    ///
    /// The moment is before or after all years that can be reckoned with.
    pub fn resolve(&self, now: Timestamp) -> Result<Timestamp, IssueError> {
        let exact = match &self.point {
            Point::At(timestamp) => Ok(*timestamp),
            Point::FromNow {
                years,
                days,
                hours,
                clock,
            } => from(now, (*years, *days, *hours), clock.as_ref()),
        };
        exact
            .and_then(|exact| Timestamp::from_second(exact.as_second()))
            .map_err(|error| IssueError::Date(error.to_string()))
    }
}

fn from(
    now: Timestamp,
    (years, days, hours): (i16, i32, i32),
    clock: Option<&(civil::Time, Offset)>,
) -> Result<Timestamp, jiff::Error> {
    let zone = clock.map_or(TimeZone::UTC, |(_, offset)| TimeZone::fixed(*offset));
    // One after the other: a span has one sign for all its units.
    let shifted = now
        .to_zoned(zone)
        .checked_add(Span::new().try_years(years)?)?
        .checked_add(Span::new().try_days(days)?)?
        .checked_add(Span::new().try_hours(hours)?)?;
    match clock {
        Some((time, _)) => Ok(shifted.with().time(*time).build()?.timestamp()),
        None => Ok(shifted.timestamp()),
    }
}

impl TryFrom<MomentFile> for Moment {
    type Error = String;

    fn try_from(file: MomentFile) -> Result<Self, String> {
        let relative = [
            file.years.is_some(),
            file.days.is_some(),
            file.hours.is_some(),
            file.time.is_some(),
        ];
        let point = match file.at {
            Some(_) if relative.contains(&true) => {
                return Err(
                    "`at` is a fixed point in time\nremove `years`, `days`, `hours` and \
                            `time`, or remove `at`"
                        .to_owned(),
                );
            }
            Some(at) => Point::At(at.parse().map_err(|_| {
                format!("{at:?} is not a point in time\nwrite it such as \"2030-01-31T15:00:00Z\"")
            })?),
            None => Point::FromNow {
                years: within(file.years, 1000, "years")?,
                days: within(file.days, 400_000, "days")?,
                hours: within(file.hours, 100_000, "hours")?,
                clock: file.time.map(|time| clock(&time)).transpose()?,
            },
        };
        Ok(Self {
            point,
            form: file.form,
        })
    }
}

fn within<T>(value: Option<T>, limit: i32, unit: &str) -> Result<T, String>
where
    T: Copy + Default + Into<i32>,
{
    let value = value.unwrap_or_default();
    if value.into().unsigned_abs() > limit.unsigned_abs() {
        return Err(format!("too many {unit}\nwrite at most {limit}"));
    }
    Ok(value)
}

/// Takes `00:00:00+09:00` apart.
fn clock(text: &str) -> Result<(civil::Time, Offset), String> {
    let refusal = || {
        format!(
            "{text:?} is not a time of day with its offset\nwrite it such as \"00:00:00+09:00\" \
             or \"23:59:59Z\""
        )
    };
    let (time, offset) = text.split_at_checked(8).ok_or_else(refusal)?;
    let time = time.parse().map_err(|_| refusal())?;
    let seconds = match offset.as_bytes() {
        b"Z" => 0,
        [sign @ (b'+' | b'-'), digits @ ..] => {
            let [h1, h2, b':', m1, m2] = digits else {
                return Err(refusal());
            };
            let digit = |d: &u8| d.is_ascii_digit().then(|| i32::from(d - b'0'));
            let [Some(h1), Some(h2), Some(m1), Some(m2)] = [h1, h2, m1, m2].map(digit) else {
                return Err(refusal());
            };
            let minutes = (h1 * 10 + h2) * 60 + m1 * 10 + m2;
            if *sign == b'-' {
                -minutes * 60
            } else {
                minutes * 60
            }
        }
        _ => return Err(refusal()),
    };
    let offset = Offset::from_seconds(seconds).map_err(|_| refusal())?;
    Ok((time, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(toml: &str) -> Result<Moment, toml::de::Error> {
        #[derive(Deserialize)]
        struct File {
            m: Moment,
        }
        toml::from_str::<File>(&format!("m = {toml}")).map(|file| file.m)
    }

    #[track_caller]
    fn check(toml: &str, now: &str, expected: &str) {
        let resolved = moment(toml).unwrap().resolve(now.parse().unwrap()).unwrap();
        assert_eq!(resolved.to_string(), expected);
    }

    #[test]
    fn midnight_is_that_of_the_day_by_the_clock_of_the_offset() {
        let midnight = r#"{ time = "00:00:00+09:00" }"#;
        check(midnight, "2026-11-23T14:59:59Z", "2026-11-22T15:00:00Z");
        check(midnight, "2026-11-23T15:00:00Z", "2026-11-23T15:00:00Z");
        let end = r#"{ years = 5, time = "23:59:59+09:00" }"#;
        check(end, "2026-11-23T15:00:00.5Z", "2031-11-24T14:59:59Z");
    }

    #[test]
    fn a_moment_without_a_clock_is_counted_from_now_to_the_second() {
        check(
            "{ days = -1 }",
            "2026-11-23T01:02:03.9Z",
            "2026-11-22T01:02:03Z",
        );
        check(
            "{ years = 30, days = -1 }",
            "2026-11-23T01:02:03Z",
            "2056-11-22T01:02:03Z",
        );
        check(
            "{ hours = 25 }",
            "2026-11-23T01:02:03Z",
            "2026-11-24T02:02:03Z",
        );
        check(
            "{ years = 1 }",
            "2028-02-29T00:00:00Z",
            "2029-02-28T00:00:00Z",
        );
    }

    #[test]
    fn a_fixed_moment_does_not_move() {
        check(
            r#"{ at = "2014-01-17T06:08:08Z" }"#,
            "2026-11-23T00:00:00Z",
            "2014-01-17T06:08:08Z",
        );
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for bad in [
            r#"{ at = "yesterday" }"#,
            r#"{ at = "2014-01-17T06:08:08Z", days = 1 }"#,
            "{ years = 1001 }",
            "{ days = 400001 }",
            "{ days = -400001 }",
            r#"{ time = "00:00:00" }"#,
            r#"{ time = "25:00:00Z" }"#,
            r#"{ time = "00:00:00+99:99" }"#,
            r#"{ time = "鍵鍵鍵" }"#,
        ] {
            assert!(moment(bad).is_err(), "{bad}");
        }
    }
}
