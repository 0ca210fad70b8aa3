"""The one door for documents: whatever a tool printed comes in as ARM would have returned it, or not at all.

recognising  what a document is: resources, or something else, refused with what to run instead
reading      bytes of a file made JSON: encodings, lines of JSON, and what is none
normal       the normal form of one resource: names, numbers, `properties`, children
flaws        half documents, and why they cannot be judged
spellings    names as ARM spells them, generated from the SDK's models
"""
