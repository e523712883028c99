/** The calendar of events: FullCalendar over our feed. Remembers the shown day in this browser. */
import { Calendar } from "@fullcalendar/core";
import cs from "@fullcalendar/core/locales/cs";
import dayGrid from "@fullcalendar/daygrid";
import interaction from "@fullcalendar/interaction";
import list from "@fullcalendar/list";
import timeGrid from "@fullcalendar/timegrid";

const VIEWS = { month: "dayGridMonth", week: "timeGridWeek", day: "timeGridDay", list: "listMonth" };
const PHONE = window.matchMedia("(max-width: 767.98px)");
/** What ends earlier in the morning belongs to the day before. */
const NIGHT_ENDS = "09:00:00";
const DAY_KEY = "medcover-calendar-day";

function recall() {
  try {
    return window.sessionStorage.getItem(DAY_KEY) ?? undefined;
  } catch {
    return undefined; // storage is closed to us in some privacy modes
  }
}

function keep(day) {
  try {
    window.sessionStorage.setItem(DAY_KEY, day);
  } catch {
    // see above: the calendar opens on today
  }
}

/** Names and values of the filter; every group sends an empty value, so "nothing selected" is told from "not asked". */
function filterQuery(form) {
  return new URLSearchParams(new FormData(form));
}

/** The clock on the site's wall, wherever the browser is: FullCalendar cannot work out named zones by itself. */
function siteClock(zone) {
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  return () => clock.format(new Date()).replace(" ", "T");
}

function loadEntries(options, form) {
  return async ({ startStr, endStr }) => {
    const query = filterQuery(form);
    query.set("start", startStr);
    query.set("end", endStr);
    const answer = await fetch(`${options.feed}?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return answer.json();
  };
}

/** What a pointer over the entry, and a screen reader, are told. */
function describe(event, words) {
  const facts = event.extendedProps;
  const lines = [
    facts.master ? `${event.title} (${facts.master})` : event.title,
    `${facts.startText} – ${facts.endText}`,
  ];
  if (facts.statusKey !== "cancelled") lines.push(`${words.staffing}: ${facts.filled}/${facts.total}`);
  if (facts.leader) lines.push(`${words.leader}: ${facts.leader}`);
  lines.push(facts.status);
  return lines.join("\n");
}

/** A list has room to say in words what the colour says. */
function addWords(title, facts) {
  const note = document.createElement("span");
  note.className = "calendar-note";
  note.textContent = facts.statusKey === "cancelled" ? facts.status : `${facts.status} · ${facts.filled}/${facts.total}`;
  title.append(" ", note);
}

function dress({ event, el, view }, words) {
  const facts = event.extendedProps;
  el.title = describe(event, words);
  if (view.type === VIEWS.list) addWords(el.querySelector(".fc-list-event-title"), facts);
  el.classList.toggle("is-struck", facts.statusKey === "cancelled");
  el.classList.toggle("is-mine", facts.mine);
  el.classList.toggle("is-not-for-me", facts.statusKey === "open" && !facts.eligible && !facts.mine);
}

function newEventAt(options, day) {
  window.location.href = `${options.create}?${new URLSearchParams({ day })}`;
}

function addressOf(form) {
  return `${window.location.pathname}?${filterQuery(form)}`;
}

function start() {
  const place = document.getElementById("event-calendar");
  const form = document.getElementById("calendar-filter");
  const options = JSON.parse(document.getElementById("event-calendar-options").textContent);
  const failed = document.getElementById("event-calendar-failed");
  const words = place.dataset;
  place.replaceChildren();
  const calendar = new Calendar(place, {
    plugins: [dayGrid, timeGrid, list, interaction],
    locales: [cs],
    locale: options.locale,
    // Times are shown as the feed writes them, on the site's clock; what is asked for is on it, too.
    timeZone: options.timeZone,
    now: siteClock(options.timeZone),
    firstDay: 1,
    initialDate: recall(),
    initialView: PHONE.matches ? VIEWS.list : (VIEWS[options.view] ?? VIEWS.list),
    headerToolbar: {
      start: "prev,next today",
      center: "title",
      end: "dayGridMonth,timeGridWeek,timeGridDay,listMonth",
    },
    buttonIcons: false,
    buttonText: { prev: "‹", next: "›", today: words.today, list: words.list },
    nextDayThreshold: NIGHT_ENDS,
    height: "auto",
    navLinks: true,
    dayMaxEvents: 4,
    eventTimeFormat: { hour: "2-digit", minute: "2-digit" },
    events: loadEntries(options, form),
    // That there is nothing to be shown is said once it is known.
    loading: (isLoading) => isLoading && place.classList.remove("is-known"),
    eventSourceFailure: () => {
      failed.textContent = words.failed;
      failed.hidden = false;
    },
    eventSourceSuccess: () => {
      failed.hidden = true;
      place.classList.add("is-known");
    },
    eventDidMount: (info) => dress(info, words),
    datesSet: ({ view }) => keep(view.calendar.formatIso(view.calendar.getDate(), true)),
    dateClick: options.create ? ({ dateStr }) => newEventAt(options, dateStr.slice(0, 10)) : undefined,
  });
  calendar.render();
  form.addEventListener("change", () => {
    window.history.replaceState(null, "", addressOf(form));
    calendar.refetchEvents();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}

start();
