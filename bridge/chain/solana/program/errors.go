package program

import "fmt"

// Code is an error of the program, as a failed transaction names it: {"InstructionError": [.., {"Custom": code}]}.
type Code uint32

// The errors, in the order of bridge/solana/program/errors.h.
const (
	CodeUnknownInstruction   Code = iota + 7001 // unknown instruction
	CodeArguments                               // arguments have the wrong length or value
	CodeAccountsMissing                         // fewer accounts than the instruction needs
	CodeAccountsMany                            // more accounts than the program reads
	CodeNotSigner                               // account must sign
	CodeNotWritable                             // account must be writable
	CodeWrongOwner                              // account is not the program's
	CodeWrongType                               // account is of another type or size
	CodeWrongAddress                            // account is not at the address its seeds give
	CodeWrongKey                                // signer is not the key that may do this
	CodeWrongProgram                            // not the system or token program
	CodeExists                                  // account exists already
	CodeRent                                    // rent sysvar has an unknown exemption threshold
	CodeBufferRange                             // chunk lies outside the buffer
	CodeSetSize                                 // signer set has the wrong length or count
	CodeSetOrder                                // signer set is not in order
	CodeSetMember                               // signer set has a member of no address or power, or twice
	CodeSetPower                                // signer set's power is 2^62 or more
	CodeSetOther                                // signer set has another root than the checkpoint
	CodeCheckpointFormat                        // not a checkpoint of version 1
	CodeCheckpointChain                         // checkpoint is of another chain
	CodeCheckpointEpochPast                     // checkpoint is of a past signer epoch
	CodeCheckpointEpochAhead                    // checkpoint skips the end of the client's epoch
	CodeCheckpointHeight                        // checkpoint's height is not greater than the client's
	CodeCheckpointTime                          // checkpoint's time is before the client's
	CodeCheckpointSet                           // checkpoint is signed by another set than the client's
	CodeClientStale                             // client is older than its trust period: recover it
	CodeClientFresh                             // client is not stale: nothing to recover
	CodeSignerIndex                             // signature names a member the set does not have
	CodeSignatureV                              // signature's recovery id is not 0 or 1
	CodeSignatureS                              // signature's s is over half the group order
	CodeSignatureRecover                        // signature gives no public key
	CodeSignatureSigner                         // signature is not by the member it names
	CodePower                                   // signed power is not over two thirds
	CodeSessionOpen                             // session's checkpoint may still be accepted
	CodeSetInUse                                // signer set is the client's
	CodeRootUnknown                             // height is not one of the last 64 accepted
	CodeTrieNode                                // proof has a malformed trie node
	CodeTrieHash                                // trie node does not hash to what points at it
	CodeTriePath                                // proof leads to another key: not anchored
	CodeTrieShort                               // proof ends before the value
	CodeTrieLong                                // proof goes on after the value
	CodeRecordFormat                            // anchored value is not a record of version 1
	CodeMessageFormat                           // not a message of version 1
	CodeMessageDomain                           // message is for another domain
	CodeMessageApplication                      // message is for another application
	CodeMessagePayload                          // payload does not hash to the message's
	CodeMessageProof                            // message is not in the outbox at that height
	CodeMessageTimeout                          // message has timed out
	CodeMessageTaken                            // message was taken before
	CodeMessageControl                          // control message is malformed or not from governance
	CodeAssetId                                 // asset is not the hash of this domain and token
	CodeAssetOther                              // account is of another asset
	CodeTokenMint                               // token is not a mint of the token program
	CodeRecipientAccount                        // recipient has no associated token account: create it
	CodeAmount                                  // amount is zero or does not fit
	CodeNoRecipient                             // recipient is zero
	CodeNotLocked                               // less is locked than is to be released
	CodeDecided                                 // a later message decided it
	CodePaused                                  // release of value is paused
	CodePauseCooldown                           // pause again only after the cool-down
	CodeLimit                                   // nothing is left of the limit: claim later
	CodeMailKept                                // call still waits for its recipient
	CodeEventKept                               // event may not be attested yet
	CodeRecoveryNone                            // no such recovery is proposed
	CodeRecoveryEarly                           // recovery's delay is not over
)

// Error returns the text that the program logs.
func (c Code) Error() string {
	if text, known := texts[c]; known {
		return text
	}
	return fmt.Sprintf("error %d, which the program does not have", uint32(c))
}

// Known tells whether the program has the error; others are those of the system and token programs.
func (c Code) Known() bool {
	_, known := texts[c]
	return known
}

var texts = map[Code]string{
	CodeUnknownInstruction:   "unknown instruction",
	CodeArguments:            "arguments have the wrong length or value",
	CodeAccountsMissing:      "fewer accounts than the instruction needs",
	CodeAccountsMany:         "more accounts than the program reads",
	CodeNotSigner:            "account must sign",
	CodeNotWritable:          "account must be writable",
	CodeWrongOwner:           "account is not the program's",
	CodeWrongType:            "account is of another type or size",
	CodeWrongAddress:         "account is not at the address its seeds give",
	CodeWrongKey:             "signer is not the key that may do this",
	CodeWrongProgram:         "not the system or token program",
	CodeExists:               "account exists already",
	CodeRent:                 "rent sysvar has an unknown exemption threshold",
	CodeBufferRange:          "chunk lies outside the buffer",
	CodeSetSize:              "signer set has the wrong length or count",
	CodeSetOrder:             "signer set is not in order",
	CodeSetMember:            "signer set has a member of no address or power, or twice",
	CodeSetPower:             "signer set's power is 2^62 or more",
	CodeSetOther:             "signer set has another root than the checkpoint",
	CodeCheckpointFormat:     "not a checkpoint of version 1",
	CodeCheckpointChain:      "checkpoint is of another chain",
	CodeCheckpointEpochPast:  "checkpoint is of a past signer epoch",
	CodeCheckpointEpochAhead: "checkpoint skips the end of the client's epoch",
	CodeCheckpointHeight:     "checkpoint's height is not greater than the client's",
	CodeCheckpointTime:       "checkpoint's time is before the client's",
	CodeCheckpointSet:        "checkpoint is signed by another set than the client's",
	CodeClientStale:          "client is older than its trust period: recover it",
	CodeClientFresh:          "client is not stale: nothing to recover",
	CodeSignerIndex:          "signature names a member the set does not have",
	CodeSignatureV:           "signature's recovery id is not 0 or 1",
	CodeSignatureS:           "signature's s is over half the group order",
	CodeSignatureRecover:     "signature gives no public key",
	CodeSignatureSigner:      "signature is not by the member it names",
	CodePower:                "signed power is not over two thirds",
	CodeSessionOpen:          "session's checkpoint may still be accepted",
	CodeSetInUse:             "signer set is the client's",
	CodeRootUnknown:          "height is not one of the last 64 accepted",
	CodeTrieNode:             "proof has a malformed trie node",
	CodeTrieHash:             "trie node does not hash to what points at it",
	CodeTriePath:             "proof leads to another key: not anchored",
	CodeTrieShort:            "proof ends before the value",
	CodeTrieLong:             "proof goes on after the value",
	CodeRecordFormat:         "anchored value is not a record of version 1",
	CodeMessageFormat:        "not a message of version 1",
	CodeMessageDomain:        "message is for another domain",
	CodeMessageApplication:   "message is for another application",
	CodeMessagePayload:       "payload does not hash to the message's",
	CodeMessageProof:         "message is not in the outbox at that height",
	CodeMessageTimeout:       "message has timed out",
	CodeMessageTaken:         "message was taken before",
	CodeMessageControl:       "control message is malformed or not from governance",
	CodeAssetId:              "asset is not the hash of this domain and token",
	CodeAssetOther:           "account is of another asset",
	CodeTokenMint:            "token is not a mint of the token program",
	CodeRecipientAccount:     "recipient has no associated token account: create it",
	CodeAmount:               "amount is zero or does not fit",
	CodeNoRecipient:          "recipient is zero",
	CodeNotLocked:            "less is locked than is to be released",
	CodeDecided:              "a later message decided it",
	CodePaused:               "release of value is paused",
	CodePauseCooldown:        "pause again only after the cool-down",
	CodeLimit:                "nothing is left of the limit: claim later",
	CodeMailKept:             "call still waits for its recipient",
	CodeEventKept:            "event may not be attested yet",
	CodeRecoveryNone:         "no such recovery is proposed",
	CodeRecoveryEarly:        "recovery's delay is not over",
}
