// What the story page says about the phones, and while it plays by itself.

const en = {
  title: "Vorrang – watch a call take precedence over a chat",
  intro: "Follow the five steps, or let the page play them for you.",
  caller: {
    idle: "has a question about a repair",
    calling: "is calling the shop …",
    waiting: "is in the queue, hears music",
    talking: "is talking with the shop",
  },
  phone: {
    unregistered: "desk phone not connected yet",
    idle: "desk phone, ready",
    ringing: (peer) => `ringing: ${peer}`,
    talking: (peer) => `on a call with ${peer}`,
    logged_out: "logged out; if free, he gets the call",
    break: "on a break; no call rings",
  },
  unknown: "unknown",
  says: {
    question: "Hello! Does the Gletscher come with a rack?",
    answer: "Hello! Yes, it does, front and back.",
    meanwhile: "Great. And can I collect it on Saturday?",
    back: "There I am again. Saturday is fine, from nine.",
  },
  show: {
    open: "A customer opens the chat on the website.",
    question: "They write what it is about. The request is in Anna’s queue, on the right.",
    pick: "Anna picks the chat out of the queue.",
    answer: "Anna answers.",
    call: "Somebody calls. Only Anna could answer, and she is chatting: her phone rings.",
    ring: "It rings. The chat is still active: a call that nobody answers interrupts nobody.",
    park: "Anna answers the phone. The chat is parked by itself, and the customer is told.",
    meanwhile: "The customer goes on writing. Nothing is lost.",
    hangUp: "The call is over: Anna hangs up.",
    back: "The chat is active again, by itself, with what was written meanwhile.",
    done: "That is the whole story. Now try it yourself: for example with Ben being free.",
    stopped: "Stopped. Go on by hand wherever you like.",
    stuck: "The story could not go on here. Look at the screens, then try once more.",
  },
};

const de = {
  title: "Vorrang – ein Anruf hat Vorrang vor einem Chat",
  intro: "Gehen Sie die fünf Schritte durch, oder lassen Sie sie sich vorführen.",
  caller: {
    idle: "hat eine Frage zu einer Reparatur",
    calling: "ruft im Laden an …",
    waiting: "ist in der Warteschleife, hört Musik",
    talking: "spricht mit dem Laden",
  },
  phone: {
    unregistered: "Tischtelefon noch nicht verbunden",
    idle: "Tischtelefon, bereit",
    ringing: (peer) => `es läutet: ${peer}`,
    talking: (peer) => `im Gespräch mit ${peer}`,
    logged_out: "abgemeldet; wäre er frei, bekäme er den Anruf",
    break: "macht Pause; es läutet nicht",
  },
  unknown: "unbekannt",
  says: {
    question: "Guten Tag! Hat das Gletscher einen Gepäckträger?",
    answer: "Guten Tag! Ja, vorn und hinten.",
    meanwhile: "Schön. Kann ich es am Samstag abholen?",
    back: "Da bin ich wieder. Samstag passt gut, ab neun.",
  },
  show: {
    open: "Ein Kunde öffnet den Chat auf der Website.",
    question: "Er schreibt, worum es geht. Die Anfrage steht rechts in Annas Warteschleife.",
    pick: "Anna nimmt den Chat aus der Warteschleife.",
    answer: "Anna antwortet.",
    call: "Jemand ruft an. Nur Anna kommt infrage, und sie chattet: ihr Telefon läutet.",
    ring: "Es läutet. Der Chat ist noch aktiv: Ein Anruf, den niemand annimmt, unterbricht niemanden.",
    park: "Anna hebt ab. Der Chat wird von selbst geparkt, und der Kunde erfährt es.",
    meanwhile: "Der Kunde schreibt weiter. Nichts geht verloren.",
    hangUp: "Das Gespräch ist zu Ende: Anna legt auf.",
    back: "Der Chat ist von selbst wieder aktiv, mit dem, was derweil geschrieben wurde.",
    done: "Das ist die ganze Geschichte. Nun sind Sie dran: zum Beispiel, wenn Ben frei ist.",
    stopped: "Angehalten. Machen Sie von Hand weiter, wo Sie mögen.",
    stuck: "Hier ging es nicht weiter. Schauen Sie auf die Bildschirme und versuchen Sie es noch einmal.",
  },
};

export const language = document.documentElement.lang === "de" ? "de" : "en";
export const text = { de, en }[language];
