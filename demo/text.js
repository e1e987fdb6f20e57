// What the story page says about the phones, and while it plays by itself.

const en = {
  title: "Vorrang – watch a call take precedence over a chat",
  intro: "Follow the five steps, or let the page play them for you.",
  places: { website: "On the website:", desktop: "On Anna’s desktop:", caller: "At the caller’s:", anna: "At Anna’s phone:" },
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
    anew: "Everything starts over, with another customer.",
    begun: "You can begin: another customer looks at the website, and Anna is ready.",
    open: "A customer opens the chat on the website.",
    question: "They write what it is about. The request is in Anna’s queue.",
    pick: "Anna picks the chat out of the queue.",
    answer: "Anna answers.",
    call: "Somebody calls. Only Anna could answer, and she is chatting: her phone rings.",
    ring: "It rings. The chat is still active: a call that nobody answers interrupts nobody.",
    park: "Anna answers, and the chat is parked by itself.",
    told: "The customer is told that Anna is on the phone.",
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
  places: { website: "Auf der Website:", desktop: "An Annas Arbeitsplatz:", caller: "Beim Anrufer:", anna: "An Annas Telefon:" },
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
    anew: "Alles beginnt von vorn, mit einem anderen Kunden.",
    begun: "Es kann losgehen: Ein anderer Kunde ist auf der Website, und Anna ist bereit.",
    open: "Ein Kunde öffnet den Chat auf der Website.",
    question: "Er schreibt, worum es geht. Die Anfrage steht in Annas Warteschleife.",
    pick: "Anna nimmt den Chat aus der Warteschleife.",
    answer: "Anna antwortet.",
    call: "Jemand ruft an. Nur Anna kommt infrage, und sie chattet: ihr Telefon läutet.",
    ring: "Es läutet. Der Chat ist noch aktiv: Ein Anruf, den niemand annimmt, unterbricht niemanden.",
    park: "Anna hebt ab, und der Chat wird von selbst geparkt.",
    told: "Der Kunde erfährt, dass Anna telefoniert.",
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
