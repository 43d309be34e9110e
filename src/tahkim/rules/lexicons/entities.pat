# What becomes a span. One rule a block: id, label, prior score; the pattern; examples and counter-examples.
# PEOPLE, NUMBER, STATE, DEMONYM are candidates: the relations decide whether and as what they are kept.

skip.phrase  -  1.0
    skip

trigger.blow_up  EVENT  0.85
    { trigger.verb.attack.blow_up } &(actor | person | weapon | asset | quality)
participle.cause  -  1.0
    causative !prep.from &(number | digits | casualty | vague | approx | at_least)

time.late_hour  TIME  0.95
    { time.unit time.late prep.from time.part time.day? time.weekday? }
time.night_to_night  TIME  0.95
    { time.part time.weekday (dash | prep.to | prep.on)? time.weekday }
time.date  TIME  0.93
    { time.part? time.day? time.weekday? comma? (time.part? time.day)? digits (prep.from? (time.unit)?) time.month (slash time.month)? comma? ((prep.from time.unit)? (time.last | time.this | time.next)+ | (prep.from? time.unit)? digits)? }
time.weekday  TIME  0.9
    { (time.part (time.day | time.today)? | time.day | time.today)? time.weekday (time.last | time.next)? time.part? }
time.today  TIME  0.85
    { time.part? time.today time.part? }
time.month  TIME  0.88
    { (time.edge | time.part)? time.unit? time.month (slash time.month)? ((prep.from time.unit (time.last | time.this)) | (prep.from time.unit)? digits | (time.last | time.this | time.next))? }
time.year  TIME  0.9
    { time.edge? time.unit digits !time.unit }

time.period  TIME  0.85
    { time.edge? time.unit (time.last | time.this | time.next) }
time.this_period  TIME  0.8
    { this time.unit }
time.ago  TIME  0.8
    <prep.during { (approx | at_least)? (number | digits | vague)+ (and (number | digits))? time.unit time.few? (number.unit)? (time.last)? }
time.ago_dual  TIME  0.8
    (<prep.during | <bi) { time.unit (time.few | number.unit)? }
time.clock  TIME  0.85
    { time.hour (time.o_clock | digits) (prep.from? time.part)? }
time.part  TIME  0.6
    { time.part }

distance.skip  -  1.0
    (digits | number) (number | (and number))* (distance | percent)
people.counted  PEOPLE  0.93
    { (approx | at_least | at_most)? (number | digits) (number | (and number))* (casualty | person | others | demonym | origin) (quality | demonym | origin | others)* (and quality)? }
people.counted_of  PEOPLE  0.85
    { (approx | at_least)? (number | digits | vague) (number | (and number))* exactly? prep.from person:the }
people.number_behind  PEOPLE  0.85
    { (person:the | demonym:the) number.unit }
number.many_things  -  1.0
    (approx | at_least)? vague prep.from? &(weapon | asset | trigger.noun | loc.class)
people.vague  PEOPLE  0.9
    { (approx | at_least)? vague prep.from? (casualty | person | others | demonym) (quality | demonym | origin | others)* }
number.period  -  1.0
    (approx | at_least | at_most)? (number | digits) (number | (and number))* (time.unit | distance | percent)
number.of_things  -  1.0
    (approx | at_least | at_most)? (number | digits | vague) (number | (and number))* prep.from? &(weapon | asset | trigger | loc.class)
number.bare  NUMBER  0.85
    { (approx | at_least | at_most)? (number | digits) (number | (and number))* } !weapon
people.vague_bare  NUMBER  0.7
    { vague }
people.losses  CASUALTY  0.9
    { casualty.losses (quality | demonym)* }
person.titled  PERSON  0.85
    title (demonym | quality | unknown.adjective_the)* { (name.first | name.kunya | prep.on | unknown.plain | unknown.and) (name.first | name.kunya | prep.on | name.particle | unknown.the | unknown.adjective_the | unknown.plain | unknown.adjective) (name.first | name.particle | unknown.the | unknown.adjective_the)* (unknown.plain | unknown.bi)? }
person.titled_nationality  PERSON  0.8
    title:the { !demonym:the demonym:single (unknown.the | unknown.adjective_the) }
person.of_body  PERSON  0.75
    (<actor | <source.name | <demonym) { unknown unknown } &(that | comma that | colon)
person.named  PERSON  0.85
    { name.first (name.first | name.kunya | name.particle | prep.on | unknown.the | unknown.adjective_the | unknown.plain | unknown.adjective) (name.first | name.particle | unknown.the | unknown.adjective_the | unknown.plain)* }
asset.base_qualified  ASSET  0.8
    { asset:the (quality | tail)* } &demonym
actor.air_defence  ACTOR  0.85
    { actor.force weapon.air_defence demonym? }
actor.member_of  ACTOR  0.9
    person.member { actor.name.generic demonym? | actor.name | actor.nominal.known }
actor.name  ACTOR  0.9
    { actor.name.generic demonym? | actor.name }
actor.backed  ACTOR  0.85
    { (actor.head | actor.force | actor.nominal | person.member) quality* backed ((li | prep.from)? (actor | loc.name.state | loc.name.country) | to_it) }
actor.group_named  ACTOR  0.75
    { actor.head (name.kunya (unknown | name) | name.first (unknown.the | name)? | unknown.plain unknown.the?) demonym? }
actor.qualified  ACTOR  0.8
    { (actor.head | actor.force) (quality | demonym | origin | unknown.adjective | unknown.adjective_the)+ }
actor.nominal_qualified  PEOPLE  0.8
    { (actor.nominal | person.member) (quality | demonym | backed)+ }
source.name  SOURCE  0.92
    { source.name demonym? }
source.unnamed  SOURCE  0.9
    { source.head:the (source.quality:the | demonym:the) (and source.quality)* (source.quality:the | demonym:the)* | !source.head:the source.head !source.quality:the !demonym:the (source.quality | demonym) (and source.quality)* (!source.quality:the !demonym:the (source.quality | demonym))* }
source.media  SOURCE  0.85
    { source.media (demonym | source.quality | unknown.the | unknown.adjective_the | loc.name)+ }
source.media_named  SOURCE  0.75
    { !source.media:the source.media:single unknown }
source.body_for  SOURCE  0.75
    { !source.body:the source.body . li unknown.the (and unknown.the)? }
source.body_in  SOURCE  0.75
    { source.body:single (loc.name | loc.rare) }
source.body  SOURCE  0.75
    { source.body (unknown.the | unknown.adjective_the | unknown.plain | demonym | quality) (demonym | quality | unknown.adjective_the | unknown.the)* (li unknown.the (and unknown.the)?)? }
loc.road  LOC  0.8
    { !loc.class:the loc.class:single (loc.name | loc.rare | unknown.the) dash (loc.name | loc.rare | unknown.the) }
loc.class_class_unknown  LOC  0.8
    { compass? !loc.class:the loc.class:single loc.class:single (unknown.the | unknown.plain | unknown.and) }
loc.class_name  LOC  0.92
    { compass? loc.class:single loc.class:single? (loc.name | loc.rare) compass.adjective* }
loc.capital_name  LOC  0.9
    { compass? capital demonym? loc.name }
loc.capital_of  LOC  0.7
    { compass? capital demonym }
loc.class_the  LOC  0.7
    { compass? !loc.class:the loc.class.narrow:single (weapon:the | person:the | asset:the | title:the | source:the | trigger:the | loc.class:the) }
loc.part_of  LOC  0.8
    { loc.part }
loc.compass_name  LOC  0.9
    { compass (loc.name) compass.adjective* }
loc.compass_rare  LOC  0.8
    { compass loc.rare compass.adjective* }
loc.class_compass  LOC  0.7
    { compass? !loc.class:the loc.class:single compass.adjective }
loc.prefixed  LOC  0.8
    { compass? !loc.class:the loc.class:single loc.prefix (unknown | name | loc | quality:the | person:the | weapon:the | asset:the) compass.adjective* }
loc.border_side  LOC  0.75
    { border_word compass.adjective }
loc.class_unknown  LOC  0.75
    { compass? !loc.class:the !loc.class:own loc.class:single (unknown.the | unknown.plain | unknown.and | unknown.bi | unknown.adjective | name.first | unknown.adjective_the | person:single) (unknown.the | compass.adjective)? }
loc.border  LOC  0.85
    { border }
loc.state  STATE  0.85
    { loc.name.state }
loc.named  LOC  0.85
    { loc.name compass.adjective? }
loc.rare  LOC  0.7
    (prep.in | bi | prep.near | prep.edge) { loc.rare }
loc.capital  CAPITAL  0.6
    { capital }
weapon.named  WEAPON  0.88
    { weapon }
asset.for  ASSET  0.8
    { asset:single li (unknown.the | asset:the | weapon:the | person:the) }
asset.named  ASSET  0.8
    { !asset:the !asset:own asset:single (quality | tail)* (loc.name | loc.rare | name.kunya name unknown.the? | name.first (name | unknown.the)*) }
asset.site_named  ASSET  0.75
    { !asset:the !asset:own asset.site:single (unknown.plain | unknown.and | unknown.adjective | unknown.the) }
asset.plain  ASSET  0.8
    { asset:the (quality | tail)* | !asset:the asset (!quality:the quality | tail)* }
trigger.attack  EVENT  0.88
    { trigger.noun.attack } (quality | rank)*
trigger.noun  EVENT  0.88
    { trigger.noun }
trigger.verb  EVENT  0.85
    { trigger.verb }
people.office  PEOPLE  0.75
    (<trigger.verb.attack.killing | <trigger.noun.attack.killing | <trigger.verb.kill | <trigger.noun.kill) { !title:the !title:own title:single (actor.name.generic demonym? | actor.name) }
people.construct  PEOPLE  0.75
    { !person:the !person:own person:single (person | asset:the | title) (quality | demonym)* }
people.plain  PEOPLE  0.8
    { (casualty | person) (quality | demonym | origin | others)* number.unit? }
people.demonym  DEMONYM  0.8
    { demonym }
people.other_one  PEOPLE  0.8
    (<trigger.verb.injure | <trigger.noun.injure | <trigger.verb.kill) { other_one }
people.others  PEOPLE  0.8
    { others }
actor.nominal  ACTOR  0.7
    { actor.nominal }
source.document_head  -  1.0
    source.document
source.head  SOURCE  0.7
    { source.head | source.media | source.body }
