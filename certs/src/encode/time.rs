//! UTCTime and GeneralizedTime.

use der::Tag;
use der::asn1::Any;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::error::IssueError;
use crate::spec::TimeForm;

/// A Time in the given form, or in that of RFC 5280 section 4.1.2.5.
///
/// # Errors
///
/// The year has not four digits.
pub(crate) fn time(moment: Timestamp, form: Option<TimeForm>) -> Result<Any, IssueError> {
    let (tag, pattern) = match form.unwrap_or_else(|| usual_form(moment)) {
        TimeForm::UtcTime => (Tag::UtcTime, "%y%m%d%H%M%SZ"),
        TimeForm::GeneralizedTime => (Tag::GeneralizedTime, "%Y%m%d%H%M%SZ"),
    };
    let zoned = moment.to_zoned(TimeZone::UTC);
    if !(0..=9999).contains(&zoned.year()) {
        return Err(IssueError::Date(format!("the year {}", zoned.year())));
    }
    Ok(Any::new(
        tag,
        zoned.strftime(pattern).to_string().into_bytes(),
    )?)
}

fn usual_form(moment: Timestamp) -> TimeForm {
    match moment.to_zoned(TimeZone::UTC).year() {
        1950..2050 => TimeForm::UtcTime,
        _ => TimeForm::GeneralizedTime,
    }
}

#[cfg(test)]
mod tests {
    use der::Tagged;

    use super::*;

    fn text(moment: &str, form: Option<TimeForm>) -> String {
        let any = time(moment.parse().unwrap(), form).unwrap();
        format!("{:?} {}", any.tag(), String::from_utf8_lossy(any.value()))
    }

    #[test]
    fn the_form_changes_with_the_year_2050_unless_it_is_asked_for() {
        assert!(text("2049-12-31T23:59:59Z", None).ends_with(" 491231235959Z"));
        assert!(text("2050-01-01T00:00:00Z", None).ends_with(" 20500101000000Z"));
        let forced = text("2050-01-01T00:00:00Z", Some(TimeForm::UtcTime));
        assert!(forced.ends_with(" 500101000000Z"));
        let forced = text("2026-01-01T00:00:00Z", Some(TimeForm::GeneralizedTime));
        assert!(forced.ends_with(" 20260101000000Z"));
    }
}
