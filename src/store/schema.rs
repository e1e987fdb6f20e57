//! The tables, as `migrations/` makes them; those of companies stand beside their rows, in `company/`.
//! Never used outside of the store, and made of BigInt, Text and Binary only, so that another database can follow.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! { boot (epoch) { epoch -> BigInt, started_at -> BigInt, last_at -> BigInt, } }
table! { actor (number) { number -> BigInt, company -> BigInt, ended_at -> Nullable<BigInt>, } }
table! {
    journal (id) {
        id -> BigInt,
        actor -> BigInt,
        seq -> BigInt,
        epoch -> BigInt,
        at -> BigInt,
        sender -> Nullable<BigInt>,
        outbox -> Nullable<BigInt>,
        client -> Nullable<Text>,
        command -> Nullable<BigInt>,
        digest -> Nullable<BigInt>,
        version -> BigInt,
        events -> Text,
    }
}
table! { snapshot (actor) { actor -> BigInt, seq -> BigInt, version -> BigInt, text -> Text, } }
table! {
    outbox (id) {
        id -> BigInt,
        company -> BigInt,
        sender -> BigInt,
        seq -> BigInt,
        receiver -> BigInt,
        at -> BigInt,
        message -> Text,
    }
}
table! { content (actor, kind, number) { actor -> BigInt, kind -> BigInt, number -> BigInt, text -> Text, } }
table! { decision (item, actor, seq) { item -> BigInt, actor -> BigInt, seq -> BigInt, } }
table! {
    call_record (actor) {
        actor -> BigInt,
        company -> BigInt,
        arrived_at -> BigInt,
        ended_at -> BigInt,
        outcome -> Text,
        queues -> Text,
        last_queue -> BigInt,
        moves -> BigInt,
        offers -> BigInt,
        talks -> Text,
        kind -> Text,
        preemptions -> BigInt,
        preempted -> BigInt,
        wrap_up -> BigInt,
        contact -> Nullable<BigInt>,
    }
}
table! {
    call_party (role, id, arrived_at, actor) {
        role -> BigInt,
        id -> BigInt,
        arrived_at -> BigInt,
        actor -> BigInt,
    }
}
table! {
    file (id) {
        id -> BigInt,
        chat -> BigInt,
        company -> BigInt,
        name -> Text,
        kind -> Text,
        created_at -> BigInt,
        size -> Nullable<BigInt>,
    }
}
table! { file_part (file, number) { file -> BigInt, number -> BigInt, bytes -> Binary, } }
table! { last_agent (company, caller) { company -> BigInt, caller -> Text, agent -> BigInt, } }
table! {
    web_session (token_hash) {
        token_hash -> Binary,
        agent -> BigInt,
        company -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        browser -> Text,
    }
}
table! {
    visitor_session (session_hash) {
        session_hash -> Binary,
        chat -> BigInt,
        company -> BigInt,
        created_at -> BigInt,
    }
}

allow_tables_to_appear_in_same_query!(actor, journal, content, snapshot, decision, call_record, call_party, file);

diesel::table! {
    phone_binding (phone, place) {
        phone -> Text,
        place -> Integer,
        contact -> Text,
        transport -> Text,
        local -> Nullable<Text>,
        source -> Text,
        path -> Text,
        instance -> Nullable<Text>,
        reg_id -> Nullable<BigInt>,
        call_id -> Text,
        cseq -> BigInt,
        expires_at -> BigInt,
        way_transport -> Nullable<Text>,
        way_peer -> Nullable<Text>,
        registered_at -> Nullable<BigInt>,
        user_agent -> Nullable<Text>,
    }
}
