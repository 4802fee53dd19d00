# SPDX-License-Identifier: GPL-3.0-or-later
"""The prompts that the neighbour in `./dev run` sells: several categories, some free, some priced."""

SAMPLES = [
    {
        "title": "Commit message from a diff",
        "category": "coding",
        "description": "Turns a diff into a commit message: one imperative line, then why.",
        "tags": ["git", "review"],
        "models": ["any"],
        "price": "0",
        "sample": "store: keep the newest record of an author\n\nTwo nodes could disagree after a restart …",
        "content": "You are given a unified diff. Write a commit message for it. First line: at most 60 "
                   "characters, imperative, prefixed with the folder that changed most. Then a blank line, then "
                   "why the change is needed, what was there before, and what a reader should check. No lists.\n\n{diff}",
    },
    {
        "title": "Plain-language contract reader",
        "category": "law",
        "description": "Explains a contract clause by clause, with what each party must do and by when.",
        "tags": ["contracts", "summary"],
        "models": ["large"],
        "price": "0.25",
        "sample": "Clause 4 — You must pay within 30 days. If you do not, they may …",
        "content": "Read the contract below. For each clause give: its number, who it binds, what they must do, by "
                   "when, and what happens if they do not. Use words that a person without training understands. Mark "
                   "every clause that is unusual for this kind of contract and say how it differs. Do not advise.\n\n{contract}",
    },
    {
        "title": "Interview coach for system design",
        "category": "education",
        "description": "Asks one question at a time, waits, and grades with the reasons.",
        "tags": ["interview", "architecture"],
        "models": ["large"],
        "price": "1.5",
        "sample": "Design a rate limiter for an API with 50 regions. What do you ask first?",
        "content": "Act as an interviewer for system design. Pick a system that suits {level}. Ask one question, wait for "
                   "the answer, then grade it from 1 to 5 on scope, numbers, trade-offs and failure, each with one "
                   "sentence of reason. Never give the answer before the candidate has tried twice. End after {minutes} "
                   "minutes with three things to read.",
    },
    {
        "title": "Alt text for photographs",
        "category": "accessibility",
        "description": "One sentence of alternative text that says what matters in the picture.",
        "tags": ["images", "web"],
        "models": ["vision"],
        "price": "0",
        "sample": "A woman in a yellow coat waits at a tram stop in the rain.",
        "content": "Describe the image in one sentence of at most 125 characters for a person who cannot see it. Say who "
                   "or what, doing what, where. Leave out \"image of\". Read out text that carries meaning. If the "
                   "picture is decoration alone, answer with an empty string.",
    },
    {
        "title": "Recipe scaler with a shopping list",
        "category": "home",
        "description": "Scales a recipe to your guests and groups the shopping list by shelf.",
        "tags": ["cooking", "lists"],
        "models": ["small"],
        "price": "0.05",
        "sample": "For 7: flour 875 g, butter 437 g … Shelf: dairy — butter, eggs …",
        "content": "Scale the recipe below from {from} to {to} people. Round to amounts that can be measured in a "
                   "kitchen, keep salt, spices and baking times sensible instead of linear and say so where you do. "
                   "Then give a shopping list grouped by shelf, with what {pantry} already holds left out.\n\n{recipe}",
    },
    {
        "title": "Incident review without blame",
        "category": "operations",
        "description": "From a chat log to a timeline, contributing causes and three actions with owners.",
        "tags": ["sre", "postmortem"],
        "models": ["large"],
        "price": "2",
        "sample": "14:02 — the deploy finished; 14:05 — error rate 3 % …",
        "content": "From the chat log write a review of the incident. Timeline in UTC with one line an event. What the "
                   "people knew at each point. Contributing causes, never a single root, never a person. What went "
                   "well. Three actions at most, each with a measurable end and a role as owner. Quote the log for "
                   "every claim.\n\n{log}",
    },
]
