"""Hold the segments that the demo workspace brings along, each for something that was planted."""

from segkit.demo.catalogue import CAMPAIGN

SEGMENTS: dict[str, str] = {
    "loyal_members_on_mobile": """\
segkit: 1
segment: loyal_members_on_mobile
title: Members who come week after week, last seen on a phone
description: Known people who came in 4 or more weeks of the last 60 days, last on a phone.
owner: crm
tags: [loyalty, mobile]
status: verified
where:
  all:
    - attribute: {name: plan, is: {known: true}}
    - did: {visit: any, calc: active_weeks, is: {gte: 4}, during: {last: 60d}}
    - visit_attribute: {name: device_type, is: mobile, touch: last}
""",
    "spring_campaign_arrivals": f"""\
segkit: 1
segment: spring_campaign_arrivals
title: Came by the spring sale e-mail
description: At least one visit whose link bore the campaign {CAMPAIGN}.
owner: marketing
tags: [campaign]
status: verified
where:
  visit_attribute: {{name: utm_campaign, is: {CAMPAIGN}, touch: any}}
""",
    "deal_hunters": """\
segkit: 1
segment: deal_hunters
title: Live on the sale pages
description: Ten or more views of sale pages in the last 60 days.
owner: marketing
tags: [price]
status: verified
where:
  did: {page: {path: {starts_with: /sale}}, is: {gte: 10}, during: {last: 60d}}
""",
    "readers_without_order": """\
segkit: 1
segment: readers_without_order
title: Read the journal on three days or more, ordered nothing
description: People whom the guide banner was made for.
owner: product
tags: [research]
status: draft
universe: {active: 90d}
where:
  all:
    - did:
        page: {path: {starts_with: /blog}}
        calc: active_days
        is: {gte: 3}
        during: {last: 90d}
    - did_not: {event: purchase, during: {last: 90d}}
""",
    "silent_regulars": """\
segkit: 1
segment: silent_regulars
title: Came six times or more, silent for three weeks and longer
description: The loyal people that the shop is losing.
owner: crm
tags: [lifecycle]
status: verified
where:
  all:
    - did: {visit: any, is: {gte: 6}}
    - since_last: {visit: any, is: {between: [21d, 90d]}}
""",
    "big_baskets": """\
segkit: 1
segment: big_baskets
title: Members on a paid plan who spent 150 EUR or more in 90 days
owner: crm
tags: [value]
status: verified
where:
  all:
    - attribute: {name: plan, is: [plus, family]}
    - did: {event: purchase, calc: {sum: value}, is: {gte: 150}, during: {last: 90d}}
""",
    "staff": """\
segkit: 1
segment: staff
title: Our own people
description: The uploaded list of staff, matched by e-mail.
owner: crm
tags: [exclude]
status: verified
where:
  in_list: {file: lists/staff.csv, column: email, match: email}
""",
    "spring_mailing": """\
segkit: 1
segment: spring_mailing
title: Follow-up of the spring sale
description: Arrivals of the campaign and deal hunters, without staff and the silent.
owner: marketing
tags: [campaign]
status: draft
where:
  set: (spring_campaign_arrivals | deal_hunters) - (silent_regulars | staff)
""",
}
"""Definitions by name; each is the text of one file below `segments/`."""
