// Package compress decides how encodings are compressed: the adaptive selection of section 4.1 of the specification
// paper.
//
// An Effort says what a reader and a writer may be asked to pay: Fast keeps to what is undone at more than half a
// gigabyte a second, Balanced and Dense add zstd. Among the methods of an effort the data decide. Choose looks at a few
// kibibytes: do they read as integers that need few bits, or have they long runs? If so, and if a general compressor does
// worse on a part of them, the encoding is packed; otherwise it gets the general compressor of the effort, which gives
// up by itself on what does not shrink; for Dense the level is the one that does better on the part. Whatever is chosen, the bytes and their block CIDs are the same.
package compress
