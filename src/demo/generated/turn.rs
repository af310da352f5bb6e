//! Questions and answers of the night desk, about parcel lockers. Everything is derived from a turn's index.

use serde_json::{Value, json};

use super::TURN_INTERVAL_S;

/// A pseudo-random number generator with the same sequence for the same seed on every machine (SplitMix64).
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x632B_E59B_D9B4_E019))
    }

    /// Returns a number below `limit`, which is at least 1.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }

    /// Returns one of the words.
    pub fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.below(words.len() as u64)).unwrap_or_default();
        words.get(index).copied().unwrap_or_default()
    }
}

/// The outcome of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    /// A tool fails once and then works.
    Retried,
    /// A tool fails permanently, and with it the turn.
    Failed,
    /// The user cancelled the turn.
    Canceled,
}

/// The topic of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Offline,
    Jammed,
    Overfull,
    Battery,
    Code,
    Cold,
}

const TOWNS: [&str; 16] = [
    "Aarhus", "Bilbao", "Brno", "Cork", "Gdańsk", "Ghent", "Graz", "Košice", "Leipzig", "Malmö", "Porto",
    "Tartu", "Trieste", "Turku", "Utrecht", "Zürich",
];
const PLACES: [&str; 8] = [
    "harbour",
    "central station",
    "north market",
    "university",
    "airport road",
    "old mill",
    "stadium",
    "ring road",
];
const MODELS: [&str; 3] = ["openai/gpt-4o-mini", "anthropic/claude-haiku-4.5", "anthropic/claude-sonnet-4.5"];

/// One turn, derived from its index.
pub struct GeneratedTurn {
    pub index: u32,
    pub outcome: Outcome,
    pub topic: Topic,
    pub town: &'static str,
    pub place: &'static str,
    pub unit: u64,
    /// Milliseconds since the start of the first night.
    pub start_ms: i64,
    pub duration_ms: i64,
    /// The level of the locker or battery in question, in percent.
    pub percent: u64,
    model: &'static str,
}

impl GeneratedTurn {
    pub fn new(index: u32) -> Self {
        let mut rng = Rng::new(u64::from(index));
        let outcome = match index {
            _ if index % 41 == 17 => Outcome::Failed,
            _ if index % 97 == 60 => Outcome::Canceled,
            _ if index % 13 == 9 => Outcome::Retried,
            _ => Outcome::Succeeded,
        };
        let topic = match rng.below(6) {
            0 => Topic::Offline,
            1 => Topic::Jammed,
            2 => Topic::Overfull,
            3 => Topic::Battery,
            4 => Topic::Code,
            _ => Topic::Cold,
        };
        let timeouts = if outcome == Outcome::Failed { 9_000 } else { 0 };
        Self {
            index,
            outcome,
            topic,
            town: rng.pick(&TOWNS),
            place: rng.pick(&PLACES),
            unit: 100 + rng.below(900),
            start_ms: i64::from(index) * TURN_INTERVAL_S * 1000 + rng.millis_below(90_000),
            duration_ms: 2_600 + timeouts + rng.millis_below(5_400),
            percent: 3 + rng.below(95),
            model: rng.pick(&MODELS),
        }
    }

    pub fn model(&self) -> &'static str {
        self.model
    }

    pub fn status(&self) -> &'static str {
        match self.outcome {
            Outcome::Succeeded | Outcome::Retried => "SUCCESS",
            Outcome::Failed => "ERROR",
            Outcome::Canceled => "CANCELED",
        }
    }

    /// Returns the name of the locker, with its place.
    pub fn locker(&self) -> String {
        format!("{} {} #{}", self.town, self.place, self.unit)
    }

    pub fn question(&self) -> String {
        let locker = self.locker();
        match self.topic {
            Topic::Offline => format!("{locker} has gone dark. Send somebody, or wait?"),
            Topic::Jammed => format!(
                "A customer says door {} at {locker} will not open. Which parcel is in it?",
                self.door()
            ),
            Topic::Overfull => format!("How full is {locker}, and will the morning van fit?"),
            Topic::Battery => format!("Battery at {locker}: how many hours are left?"),
            Topic::Code => {
                format!("The pick-up code for {locker} was refused three times. What do I tell the customer?")
            }
            Topic::Cold => format!("The chilled boxes at {locker} are above 8 °C. Since when?"),
        }
    }

    /// Returns the number of the door in question.
    pub fn door(&self) -> u64 {
        self.unit % 48 + 1
    }

    pub fn output(&self) -> Value {
        match self.outcome {
            Outcome::Failed => json!({}),
            Outcome::Canceled => json!({ "response": "Let me look at the last heartbeat of" }),
            Outcome::Succeeded | Outcome::Retried => json!({ "response": self.answer() }),
        }
    }

    /// Returns the answer in Markdown.
    pub fn answer(&self) -> String {
        let (locker, percent, door) = (self.locker(), self.percent, self.door());
        let minute = percent % 60;
        match self.topic {
            Topic::Offline => format!(
                "**Wait.** {locker} lost its uplink, not its power: the last heartbeat had the mains at 231 V.\n\n\
                 1. The carrier reports an outage in {} until about 04:00.\n2. Doors keep working with codes that were sent before.\n\
                 3. If it is still dark at 05:30, send the van on route {}.",
                self.town,
                self.unit % 9 + 1
            ),
            Topic::Jammed => format!(
                "Door **{door}** holds parcel `PK-{}-{door:02}`, {} kg, stored yesterday at 18:{minute:02}.\n\n\
                 > The latch reports *closed*, its motor draws twice the usual current: something is stuck in the frame.\n\n\
                 Open it from the desk with `locker open {} --door {door} --force`, once the customer stands in front of it.",
                self.unit * 7919,
                self.percent % 12 + 1,
                self.unit
            ),
            Topic::Overfull => format!(
                "{locker} is **{percent} %** full.\n\n| size | free | needed at 06:00 |\n|---|---:|---:|\n| S | {} | 6 |\n| M | {} | 9 |\n| L | {} | 2 |\n\n{}",
                (100 - percent) / 5,
                (100 - percent) / 9,
                (100 - percent) / 24,
                if percent > 70 {
                    "It will **not** fit: move the M parcels to the next locker."
                } else {
                    "The van fits."
                }
            ),
            Topic::Battery => format!(
                "About **{} hours** at {percent} % charge and the load of the last six hours.\n\n- heater: off since 22:10\n- screen: dimmed\n- mains: *absent*",
                percent / 4 + 1
            ),
            Topic::Code => format!(
                "The code is right, the locker is not: the customer stands at another one. {locker} has no parcel for that number, but its neighbour {} m away has.\n\n\
                 Tell the customer:\n\n```text\nYour parcel waits at the locker on the other side of the street.\nThe same code works there.\n```",
                self.unit % 40 + 12
            ),
            Topic::Cold => format!(
                "Since **02:{minute:02}**. The compressor stopped after a defrost and did not start again.\n\n\
                 - 4 boxes are above 8 °C, the warmest at {}.{} °C\n- 2 parcels are marked *chilled*\n\nBoth customers get a refund by [rule 12](https://lockers.example/rules#12).",
                8 + percent % 6,
                percent % 10
            ),
        }
    }

    /// Returns the input and output tokens of the turn.
    pub fn tokens(&self) -> (u64, u64) {
        (900 + self.unit, 40 + self.percent * 2)
    }

    pub fn metadata(&self) -> Value {
        let (input, output) = self.tokens();
        let usage = json!({ "input_tokens": input, "output_tokens": output, "total_tokens": input + output });
        match self.outcome {
            Outcome::Failed => json!({
                "usage": usage, "error": true, "error_type": "LockerUnreachable",
                "error_message": format!("{} did not answer 3 requests", self.locker()), "error_category": "platform",
            }),
            Outcome::Succeeded | Outcome::Retried | Outcome::Canceled => {
                json!({ "usage": usage, "cost_usd": self.cost() })
            }
        }
    }

    /// Returns the cost of the turn in US dollars.
    pub fn cost(&self) -> f64 {
        let (input, output) = self.tokens();
        let millionths = u32::try_from(input * 3 + output * 15).unwrap_or_default();
        f64::from(millionths) / 1_000_000.0
    }

    /// Returns the user's feedback on the answer, if any: sentiment and comment.
    pub fn feedback(&self) -> Option<(&'static str, String)> {
        match self.index {
            index if index % 29 == 11 => Some(("negative", self.complaint().to_owned())),
            index if index % 11 == 4 => Some(("positive", String::new())),
            index if index % 53 == 20 => Some(("positive", format!("Saved a drive to {}.", self.town))),
            _ => None,
        }
    }

    fn complaint(&self) -> &'static str {
        match self.topic {
            Topic::Offline => "It was the power after all.",
            Topic::Jammed => "Wrong door.",
            Topic::Overfull => "The numbers are from yesterday.",
            Topic::Battery => "It was empty an hour later.",
            Topic::Code => "The customer was at the right locker.",
            Topic::Cold => "It also warmed up the night before; that is missing.",
        }
    }
}

impl Rng {
    /// Returns a number of milliseconds below `limit`.
    fn millis_below(&mut self, limit: u64) -> i64 {
        i64::try_from(self.below(limit)).unwrap_or_default()
    }
}
