//! The realtime protocol as literal frames (`docs` of Supabase Realtime, vsn 2.0.0), without any socket.

use almanac_core::{Uuid, remote::Hint};
use almanac_supabase::realtime::{Action, Frame, Machine};
use proptest::prelude::*;
use serde_json::{Value, json};

const USER: Uuid = Uuid::from_u128(0x6b1b_7b0a_0000_4000_8000_0000_0000_0001);
const JOINED: &str = r#"["1","1","realtime:almanac","phx_reply",{"status":"ok","response":{"postgres_changes":[
    {"event":"*","schema":"public","table":"sync_head","filter":"user_id=eq.6b1b7b0a-0000-4000-8000-000000000001","id":104868189}]}}]"#;
const WATCHING: &str = r#"["1",null,"realtime:almanac","system",{"extension":"postgres_changes","status":"ok","message":"Subscribed to PostgreSQL","channel":"almanac"}]"#;
const CHANGE: &str = r#"[null,null,"realtime:almanac","postgres_changes",{"ids":[104868189],"data":{
    "type":"UPDATE","schema":"public","table":"sync_head","commit_timestamp":"2026-11-22T14:24:03.535Z",
    "columns":[{"name":"user_id","type":"uuid"},{"name":"seq","type":"int8"}],
    "record":{"user_id":"6b1b7b0a-0000-4000-8000-000000000001","seq":9007199254740993},"old_record":{},"errors":null}}]"#;

/// The frames sent, read back.
fn sent(actions: &[Action]) -> Vec<Frame> {
    let text = |action: &Action| if let Action::Send(text) = action { Frame::read(text) } else { None };
    actions.iter().filter_map(text).collect()
}

fn events(actions: &[Action]) -> Vec<String> {
    sent(actions).into_iter().map(|frame| frame.event).collect()
}

fn joining() -> Machine {
    let (mut machine, actions) = Machine::open(USER, 1, 0);
    assert_eq!(actions, [Action::NeedToken { renewed: false }]);
    assert_eq!(events(&machine.token("token-1", 0)), ["phx_join"]);
    machine
}

fn subscribed() -> Machine {
    let mut machine = joining();
    assert_eq!(machine.frame(JOINED, 100), []);
    assert_eq!(machine.frame(WATCHING, 200), [Action::Hint(Hint::Subscribed)]);
    machine
}

/// Runs the clock to the moment the machine wants to join again; when that was, and how it asks for a token.
fn rests(machine: &mut Machine, from: u64) -> (u64, bool) {
    for _ in 0..10 {
        let now = machine.deadline().max(from);
        for action in machine.tick(now) {
            if let Action::NeedToken { renewed } = action {
                return (now, renewed);
            }
        }
        answer_heartbeats(machine, now);
    }
    panic!("never joins again: {machine:?}");
}

fn answer_heartbeats(machine: &mut Machine, now: u64) {
    for reference in 0..100 {
        machine.frame(
            &json!([null, reference.to_string(), "phoenix", "phx_reply", {"status": "ok", "response": {}}]).to_string(),
            now,
        );
    }
}

#[test]
fn joins_one_channel_on_the_users_head() {
    let (mut machine, _) = Machine::open(USER, 1, 0);
    let frames = sent(&machine.token("token-1", 0));
    assert_eq!(frames.len(), 1);
    let join = &frames[0];
    assert_eq!((join.topic.as_str(), join.event.as_str()), ("realtime:almanac", "phx_join"));
    // The join's own number is the join_ref of all that follows.
    assert_eq!(join.join_ref, join.reference);
    assert_eq!(join.payload["access_token"], "token-1");
    let binding =
        json!([{"event": "*", "schema": "public", "table": "sync_head", "filter": format!("user_id=eq.{USER}")}]);
    assert_eq!(join.payload["config"]["postgres_changes"], binding);
}

#[test]
fn subscribed_is_the_word_of_the_database_not_of_the_channel() {
    let mut machine = joining();
    assert_eq!(machine.frame(JOINED, 100), [], "what is committed before the database is watched may be missed");
    assert!(!machine.is_subscribed());
    assert_eq!(machine.frame(WATCHING, 200), [Action::Hint(Hint::Subscribed)]);
    assert!(machine.is_subscribed());
    assert_eq!(machine.frame(CHANGE, 300), [Action::Hint(Hint::Changed)]);
}

#[test]
fn frames_of_an_earlier_join_and_of_other_topics_are_left_alone() {
    let mut machine = subscribed();
    for stale in [
        r#"["0",null,"realtime:almanac","phx_close",{}]"#,
        r#"["0","0","realtime:almanac","phx_error",{}]"#,
        r#"["7",null,"realtime:almanac","system",{"extension":"system","status":"error","message":"Token has expired 1 seconds ago"}]"#,
        r#"["1","1","realtime:other","phx_close",{}]"#,
        r#"[null,null,"realtime:other","postgres_changes",{"ids":[1],"data":{}}]"#,
        r#"["1",null,"realtime:almanac","presence_state",{}]"#,
        r#"["1",null,"realtime:almanac","presence_diff",{"joins":{},"leaves":{}}]"#,
        r#"["1",null,"realtime:almanac","system",{"extension":"system","status":"ok","message":"Server requested disconnect"}]"#,
        r#"{"topic":"realtime:almanac","event":"phx_close","payload":{},"ref":null}"#,
        "",
        "[]",
        "null",
    ] {
        assert_eq!(machine.frame(stale, 300), [], "{stale}");
        assert!(machine.is_subscribed(), "{stale}");
    }
}

#[test]
fn a_heartbeat_goes_out_each_25_s_and_an_unanswered_one_means_a_dead_connection() {
    let mut machine = subscribed();
    assert_eq!(machine.tick(24_999), []);
    let beat = sent(&machine.tick(25_000)).remove(0);
    assert_eq!(
        (beat.join_ref, beat.topic.as_str(), beat.event.as_str(), beat.payload),
        (None, "phoenix", "heartbeat", json!({}))
    );
    let reference = beat.reference.expect("a number");
    // Another heartbeat's answer is no answer to this one.
    machine.frame(r#"[null,"999","phoenix","phx_reply",{"status":"ok","response":{}}]"#, 25_050);
    machine.frame(&format!(r#"[null,"{reference}","phoenix","phx_reply",{{"status":"ok","response":{{}}}}]"#), 25_100);
    assert_eq!(machine.tick(36_000), [], "answered");
    assert_eq!(events(&machine.tick(50_100)), ["heartbeat"]);
    assert_eq!(machine.tick(60_099), []);
    assert_eq!(machine.tick(60_100), [Action::Reconnect], "not answered");
}

#[test]
fn a_new_token_is_told_to_the_server_once() {
    let mut machine = subscribed();
    assert_eq!(machine.token("token-1", 300), [], "it has this one");
    let push = sent(&machine.token("token-2", 300)).remove(0);
    assert_eq!(
        (push.join_ref.as_deref(), push.topic.as_str(), push.event.as_str()),
        (Some("1"), "realtime:almanac", "access_token")
    );
    assert_eq!(push.payload, json!({"access_token": "token-2"}));
    assert_eq!(machine.token("token-2", 400), []);
    // The server subscribes anew; what was committed meanwhile may be missed.
    assert_eq!(machine.frame(WATCHING, 2_000), [Action::Hint(Hint::Subscribed)]);
}

#[test]
fn an_expired_token_makes_it_join_again_with_another_one() {
    let mut machine = subscribed();
    let expired = r#"["1",null,"realtime:almanac","system",{"extension":"system","status":"error","message":"Token has expired 4 seconds ago","channel":"almanac"}]"#;
    let actions = machine.frame(expired, 1_000);
    assert!(actions.contains(&Action::Hint(Hint::Down)), "{actions:?}");
    // The close that follows belongs to a channel given up already.
    assert_eq!(machine.frame(r#"["1","1","realtime:almanac","phx_close",{}]"#, 1_001), []);
    let (when, renewed) = rests(&mut machine, 1_001);
    assert!(when <= 1_000 + 1_250, "{when}");
    assert!(renewed, "the token was refused");
    let join = sent(&machine.token("token-2", when)).remove(0);
    assert_eq!(join.event, "phx_join");
    assert_eq!(join.payload["access_token"], "token-2");
    assert_ne!(join.reference.as_deref(), Some("1"), "late frames of the old join must be told apart");
}

#[test]
fn a_closed_or_crashed_channel_is_joined_again_with_growing_waits() {
    for end in [
        r#"["1","1","realtime:almanac","phx_close",{}]"#,
        r#"["1","1","realtime:almanac","phx_error",{"reason":"crashed"}]"#,
    ] {
        let mut machine = subscribed();
        assert_eq!(machine.frame(end, 1_000), [Action::Hint(Hint::Down)]);
        let mut now = 1_000;
        for step in [1_000, 2_000, 5_000, 10_000, 10_000] {
            let (when, renewed) = rests(&mut machine, now);
            assert!(!renewed, "nothing was said about the token");
            assert!((step * 3 / 4..step * 5 / 4).contains(&(when - now)), "{} for {step}", when - now);
            now = when;
            let join = sent(&machine.token("token-1", now)).remove(0);
            let join_ref = join.join_ref.expect("a number");
            let refused = json!([join_ref, join_ref, "realtime:almanac", "phx_reply", {"status": "error", "response": {"reason": "RealtimeRestarting: try later"}}]);
            assert_eq!(machine.frame(&refused.to_string(), now), []);
        }
    }
}

#[test]
fn a_join_refused_for_its_token_asks_for_another_one_but_only_once() {
    let mut machine = joining();
    let refuse = |join: &str| {
        json!([join, join, "realtime:almanac", "phx_reply", {"status": "error", "response": {"reason": "InvalidJWTToken: Token has expired 12 seconds ago"}}]).to_string()
    };
    assert_eq!(machine.frame(&refuse("1"), 100), []);
    let (when, renewed) = rests(&mut machine, 100);
    assert!(renewed);
    let join = sent(&machine.token("token-2", when)).remove(0);
    machine.frame(&refuse(&join.join_ref.expect("a number")), when);
    let (_, renewed) = rests(&mut machine, when);
    assert!(!renewed, "a server that refuses every token is not asked for one each ten seconds");
}

#[test]
fn a_join_without_answer_and_a_channel_that_never_watches_are_left_and_joined_again() {
    let mut machine = joining();
    assert_eq!(machine.tick(9_999), []);
    assert_eq!(events(&machine.tick(10_000)), ["phx_leave"]);
    rests(&mut machine, 10_000);

    let mut machine = joining();
    machine.frame(JOINED, 100);
    assert_eq!(events(&machine.tick(20_100)), ["phx_leave"]);
    rests(&mut machine, 20_100);
}

#[test]
fn a_subscription_the_database_refuses_is_left_and_tried_again() {
    let mut machine = joining();
    machine.frame(JOINED, 100);
    let refused = r#"["1",null,"realtime:almanac","system",{"extension":"postgres_changes","status":"error","message":"Unable to subscribe to changes","channel":"almanac"}]"#;
    assert_eq!(events(&machine.frame(refused, 200)), ["phx_leave"]);
    let (_, renewed) = rests(&mut machine, 200);
    assert!(!renewed);
}

#[test]
fn a_channel_the_server_forgot_is_joined_again() {
    let mut machine = subscribed();
    assert_eq!(events(&machine.token("token-2", 300)), ["access_token"]);
    let unmatched =
        r#"[null,"2","realtime:almanac","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]"#;
    assert_eq!(machine.frame(unmatched, 400), [Action::Hint(Hint::Down)]);
    rests(&mut machine, 400);
}

#[test]
fn the_answer_to_leaving_does_not_end_the_next_join() {
    let mut machine = joining();
    let leave = sent(&machine.tick(10_000)).remove(0);
    let (when, _) = rests(&mut machine, 10_000);
    machine.token("token-1", when);
    let late = json!([null, leave.reference, "realtime:almanac", "phx_reply", {"status": "error", "response": {"reason": "unmatched topic"}}]);
    let before = machine.deadline();
    assert_eq!(machine.frame(&late.to_string(), when), []);
    assert_eq!(machine.deadline(), before, "still joining");
}

#[test]
fn a_person_who_signs_in_again_does_not_wait_for_the_next_try() {
    let mut machine = subscribed();
    machine.frame(r#"["1","1","realtime:almanac","phx_close",{}]"#, 1_000);
    assert_eq!(events(&machine.token("token-9", 1_010)), ["phx_join"]);
}

#[test]
fn without_a_token_it_waits_and_asks_again() {
    let (mut machine, _) = Machine::open(USER, 1, 0);
    assert_eq!(machine.no_token(0), []);
    let (_, renewed) = rests(&mut machine, 0);
    assert!(!renewed);
}

/// Frames that nearly are what the machine knows.
fn near_frames() -> impl Strategy<Value = String> {
    let reference = prop_oneof![
        Just(Value::Null),
        (0u32..6).prop_map(|n| json!(n.to_string())),
        (0u32..6).prop_map(|n| json!(n)),
        Just(json!({}))
    ];
    let topic = prop_oneof![Just("realtime:almanac"), Just("phoenix"), Just("realtime:"), Just("")];
    let event = prop_oneof![
        Just("phx_reply"),
        Just("phx_close"),
        Just("phx_error"),
        Just("system"),
        Just("postgres_changes"),
        Just("heartbeat"),
        Just("x")
    ];
    let payload = prop_oneof![
        Just(json!({"status": "ok", "response": {}})),
        Just(json!({"status": "error", "response": {"reason": "unmatched topic"}})),
        Just(json!({"status": "error", "response": {"reason": "InvalidJWTToken: no"}})),
        Just(json!({"extension": "postgres_changes", "status": "ok"})),
        Just(json!({"extension": "postgres_changes", "status": "error"})),
        Just(json!({"extension": "system", "status": "error", "message": "Token has expired"})),
        Just(json!({"status": 3, "response": "no"})),
        Just(json!([])),
        Just(Value::Null),
    ];
    (reference.clone(), reference, topic, event, payload)
        .prop_map(|parts| json!([parts.0, parts.1, parts.2, parts.3, parts.4]).to_string())
}

#[derive(Clone, Debug)]
enum Input {
    Frame(String),
    Token(u8),
    NoToken,
    /// Lets so many ms pass, and ticks.
    Pass(u64),
}

fn inputs() -> impl Strategy<Value = Input> {
    prop_oneof![
        4 => near_frames().prop_map(Input::Frame),
        1 => ".*".prop_map(Input::Frame),
        1 => any::<u8>().prop_map(|n| Input::Token(n % 3)),
        1 => Just(Input::NoToken),
        2 => (0u64..30_000).prop_map(Input::Pass),
    ]
}

proptest! {
    #[test]
    fn no_frame_is_too_strange(texts in proptest::collection::vec(".*", 0..20)) {
        let mut machine = subscribed();
        for text in texts {
            machine.frame(&text, 300);
        }
    }

    /// Whatever comes in whatever order: Down is told exactly when Subscribed was, one never hears of a change without
    /// being subscribed twice over, and the machine always wants to be woken again.
    #[test]
    fn hints_stay_in_order_whatever_the_server_says(steps in proptest::collection::vec(inputs(), 0..80)) {
        let (mut machine, mut actions) = Machine::open(USER, 3, 0);
        let (mut now, mut up) = (0, false);
        for step in steps {
            actions.extend(match step {
                Input::Frame(text) => machine.frame(&text, now),
                Input::Token(n) => machine.token(&format!("token-{n}"), now),
                Input::NoToken => machine.no_token(now),
                Input::Pass(ms) => { now += ms; machine.tick(now) }
            });
            for action in actions.drain(..) {
                match action {
                    Action::Hint(Hint::Subscribed) => up = true,
                    Action::Hint(Hint::Down) => { prop_assert!(up, "down without having been up"); up = false; }
                    Action::Send(text) => prop_assert!(Frame::read(&text).is_some(), "{text}"),
                    Action::Hint(Hint::Changed) | Action::NeedToken { .. } => {}
                    // The driver ends the machine here.
                    Action::Reconnect => return Ok(()),
                }
            }
            prop_assert_eq!(machine.is_subscribed(), up);
            prop_assert!(machine.deadline() <= now + 40_000);
        }
    }
}
