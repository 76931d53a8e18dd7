"""Access copies of footage: gathered from verified segments, made by ffmpeg beside everything else, never evidence."""
