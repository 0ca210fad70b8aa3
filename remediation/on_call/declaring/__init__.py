"""What people declare: by files, and by accepting what is there.

files      declarations of files: given to the app, listed, taken back
accepting  what is there is declared from now on, by whom
"""
