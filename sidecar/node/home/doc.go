// Package home names the files in the home of a data node. A program that only talks to the node's daemon needs to know no more of it.
package home
