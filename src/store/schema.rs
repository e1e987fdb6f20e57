//! The tables, as `migrations/` makes them.
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
table! { company (id) { id -> BigInt, name -> Text, keep_withheld_numbers -> BigInt, } }
table! {
    queue (id) {
        id -> BigInt,
        company -> BigInt,
        name -> Text,
        exclusive -> BigInt,
        ring_ms -> Nullable<BigInt>,
        call_wrap_up_ms -> Nullable<BigInt>,
        chat_wrap_up_ms -> Nullable<BigInt>,
        strategy -> Nullable<Text>,
        pushed -> Nullable<Text>,
        head_starts -> Nullable<Text>,
        waiting_max -> Nullable<BigInt>,
        wait_max_ms -> Nullable<BigInt>,
        overflow -> Nullable<BigInt>,
        unserved -> Nullable<Text>,
        chats_max -> Nullable<BigInt>,
        voice -> Nullable<Text>,
    }
}
table! {
    agent (id) {
        id -> BigInt,
        company -> BigInt,
        login_name -> Text,
        display_name -> Text,
        password_hash -> Text,
        role -> Text,
        phone -> Nullable<Text>,
        phone_ha1_md5 -> Nullable<Text>,
        phone_ha1_sha256 -> Nullable<Text>,
        voice_only -> BigInt,
        chats_max -> Nullable<BigInt>,
        applied_password -> Nullable<Text>,
    }
}
table! { queue_agent (queue, agent) { queue -> BigInt, agent -> BigInt, company -> BigInt, skill -> BigInt, } }
table! { break_reason (id) { id -> BigInt, company -> BigInt, name -> Text, } }
table! {
    chat_service (id) {
        id -> BigInt,
        company -> BigInt,
        token -> Text,
        name -> Text,
        queue -> BigInt,
        active -> BigInt,
        telephone -> Nullable<Text>,
        previous_token -> Nullable<Text>,
        previous_until -> Nullable<BigInt>,
    }
}
table! { number (dialled) { dialled -> Text, company -> BigInt, queue -> BigInt, } }
table! { last_agent (company, caller) { company -> BigInt, caller -> Text, agent -> BigInt, } }
table! {
    trunk (id) {
        id -> BigInt,
        company -> BigInt,
        name -> Text,
        addresses -> Text,
        server -> Nullable<Text>,
        registers -> BigInt,
        tcp -> BigInt,
        user -> Nullable<Text>,
        login -> Nullable<Text>,
        password -> Nullable<Text>,
        ha1_md5 -> Nullable<Text>,
        ha1_sha256 -> Nullable<Text>,
        expires_s -> Nullable<BigInt>,
        probe_s -> Nullable<BigInt>,
        dialled_to -> BigInt,
    }
}
table! {
    web_session (token_hash) {
        token_hash -> Binary,
        agent -> BigInt,
        company -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
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

allow_tables_to_appear_in_same_query!(actor, journal, content, snapshot, decision, call_record, call_party);
allow_tables_to_appear_in_same_query!(agent, web_session);

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
