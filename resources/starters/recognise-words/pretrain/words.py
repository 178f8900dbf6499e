"""The most frequent English words of a text, one a line: python3 words.py TEXT COUNT > words.txt"""
import re, sys
from collections import Counter

count = Counter(re.findall(r"\b[a-z]{2,9}\b", open(sys.argv[1], encoding="utf-8", errors="replace").read().lower()))
print(*[word for word, _ in count.most_common(int(sys.argv[2]))], sep="\n")
