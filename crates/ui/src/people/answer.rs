//! One's own answer: yes, perhaps, no.

use super::answer;
use crate::i18n::t;
use almanac_core::{Uuid, domain::Rsvp};
use almanac_data::{Sharing, use_mutations};
use dioxus::prelude::*;

/// The three answers; the one given is pressed, and pressing it again takes it back.
#[component]
pub(crate) fn Answer(event: Uuid, rsvp: Option<Rsvp>) -> Element {
    let mutations = use_mutations();
    rsx! {
        div { class: "segmented answer", role: "group", "aria-label": t!("rsvp"), "data-testid": "rsvp",
            for each in [Rsvp::Accepted, Rsvp::Tentative, Rsvp::Declined] {
                button {
                    key: "{each:?}",
                    r#type: "button",
                    "aria-pressed": "{rsvp == Some(each)}",
                    onclick: move |_| {
                        let next = (rsvp != Some(each)).then_some(each);
                        mutations.share(event, Sharing::Answer(next));
                    },
                    {answer(Some(each))}
                }
            }
        }
    }
}
