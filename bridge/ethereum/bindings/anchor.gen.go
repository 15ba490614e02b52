// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

package bindings

import (
	"bytes"
	"errors"
	"math/big"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Reference imports to suppress errors if they are not otherwise used.
var (
	_ = bytes.Equal
	_ = errors.New
	_ = big.NewInt
	_ = common.Big1
	_ = types.BloomLookup
	_ = abi.ConvertType
)

// AnchorRecord is an auto generated low-level Go binding around an user-defined struct.
type AnchorRecord struct {
	Superseded    bool
	Tombstoned    bool
	Codec         uint8
	ContentDigest [32]byte
	Owner         [32]byte
	Size          uint64
	Height        uint64
	Time          uint64
	Version       uint64
	ProvenHeight  uint64
	ProvenTime    uint64
}

// AnchorMetaData contains all meta data concerning the Anchor contract.
var AnchorMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"contractIpdmLightClient\",\"name\":\"client_\",\"type\":\"address\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"length\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"expected\",\"type\":\"uint256\"}],\"name\":\"CheckpointLength\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"digest\",\"type\":\"bytes32\"}],\"name\":\"CheckpointNotAccepted\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"key\",\"type\":\"bytes32\"},{\"internalType\":\"uint256\",\"name\":\"nibbles\",\"type\":\"uint256\"}],\"name\":\"KeyAbsent\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"node\",\"type\":\"uint256\"}],\"name\":\"MalformedNode\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"node\",\"type\":\"uint256\"},{\"internalType\":\"bytes32\",\"name\":\"hash\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"}],\"name\":\"NodeHash\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"nodes\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"needed\",\"type\":\"uint256\"}],\"name\":\"ProofEnd\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"nodes\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"most\",\"type\":\"uint256\"}],\"name\":\"ProofLength\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint8\",\"name\":\"codec\",\"type\":\"uint8\"}],\"name\":\"RecordCodec\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint8\",\"name\":\"flags\",\"type\":\"uint8\"},{\"internalType\":\"uint8\",\"name\":\"known\",\"type\":\"uint8\"}],\"name\":\"RecordFlags\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"length\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"expected\",\"type\":\"uint256\"}],\"name\":\"RecordLength\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint8\",\"name\":\"version\",\"type\":\"uint8\"},{\"internalType\":\"uint8\",\"name\":\"expected\",\"type\":\"uint8\"}],\"name\":\"RecordVersion\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"offset\",\"type\":\"uint256\"}],\"name\":\"RlpNotCanonical\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"offset\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"end\",\"type\":\"uint256\"}],\"name\":\"RlpTruncated\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"client\",\"outputs\":[{\"internalType\":\"contractIpdmLightClient\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes\",\"name\":\"checkpoint\",\"type\":\"bytes\"},{\"internalType\":\"bytes32\",\"name\":\"manifestDigest\",\"type\":\"bytes32\"},{\"internalType\":\"bytes[]\",\"name\":\"proof\",\"type\":\"bytes[]\"}],\"name\":\"prove\",\"outputs\":[{\"components\":[{\"internalType\":\"bool\",\"name\":\"superseded\",\"type\":\"bool\"},{\"internalType\":\"bool\",\"name\":\"tombstoned\",\"type\":\"bool\"},{\"internalType\":\"uint8\",\"name\":\"codec\",\"type\":\"uint8\"},{\"internalType\":\"bytes32\",\"name\":\"contentDigest\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"owner\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"size\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"height\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"version\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"provenHeight\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"provenTime\",\"type\":\"uint64\"}],\"internalType\":\"structAnchorRecord\",\"name\":\"\",\"type\":\"tuple\"}],\"stateMutability\":\"view\",\"type\":\"function\"}]",
	ID:  "Anchor",
	Bin: "0x60a0604052348015600e575f5ffd5b5060405161125f38038061125f833981016040819052602b91603b565b6001600160a01b03166080526066565b5f60208284031215604a575f5ffd5b81516001600160a01b0381168114605f575f5ffd5b9392505050565b6080516111db6100845f395f8181603d015261013d01526111db5ff3fe608060405234801561000f575f5ffd5b5060043610610034575f3560e01c8063109e94cf146100385780634e2d6b3f14610089575b5f5ffd5b61005f7f000000000000000000000000000000000000000000000000000000000000000081565b60405173ffffffffffffffffffffffffffffffffffffffff90911681526020015b60405180910390f35b61009c610097366004610ea3565b6100a9565b6040516100809190610f48565b60408051610160810182525f80825260208201819052918101829052606081018290526080810182905260a0810182905260c0810182905260e081018290526101008101829052610120810182905261014081018290529061010b878761025b565b6040517f8642afd1000000000000000000000000000000000000000000000000000000008152600481018290529091507f000000000000000000000000000000000000000000000000000000000000000073ffffffffffffffffffffffffffffffffffffffff1690638642afd190602401602060405180830381865afa158015610197573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906101bb9190611044565b6101f9576040517f77efaa8a000000000000000000000000000000000000000000000000000000008152600481018290526024015b60405180910390fd5b365f6102106102088a8a6102c1565b8888886102e0565b915091505f61021f8383610510565b905061022b8a8a6107ce565b6102358b8b6107f0565b67ffffffffffffffff908116610140840152166101208201529998505050505050505050565b5f60e282146102a0576040517ffd966d5d0000000000000000000000000000000000000000000000000000000081526004810183905260e260248201526044016101f0565b82826040516102b0929190611063565b604051809103902090505b92915050565b5f6102d0606260428486611072565b6102d991611099565b9392505050565b365f8215806102ef5750604183115b15610330576040517fc0545fa000000000000000000000000000000000000000000000000000000000815260048101849052604160248201526044016101f0565b6103706040518061010001604052805f81526020015f81526020015f81526020015f81526020015f81526020015f81526020015f81526020015f81525090565b85815260a081018790525f5b848110156104fa57365f878784818110610398576103986110b6565b90506020028101906103aa91906110ca565b915091505f82826040516103bf929190611063565b604051809103902090508460a00151811461041d5760a08501516040517f10fae89e000000000000000000000000000000000000000000000000000000008152600481018690526024810183905260448101919091526064016101f0565b604085018490525f60a08601528261043f868261043a8682611121565b6107ff565b60a0860151158015610453575060e0860151155b15610466576104618661085b565b61043f565b60e0860151156104e5578861047c866001611121565b146104c8578861048d866001611121565b6040517fc132e205000000000000000000000000000000000000000000000000000000008152600481019290925260248201526044016101f0565b50505060c083015160e09093015192945050508290039050610507565b50505050806104f390611134565b905061037c565b508361048d816001611121565b94509492505050565b60408051610160810182525f80825260208201819052918101829052606081018290526080810182905260a0810182905260c0810182905260e0810182905261010081018290526101208101829052610140810191909152606382146105ac576040517fd3de701800000000000000000000000000000000000000000000000000000000815260048101839052606360248201526044016101f0565b5f5f5f85855f8181106105c1576105c16110b6565b919091013560f81c9050868660018181106105de576105de6110b6565b919091013560f81c9050878760028181106105fb576105fb6110b6565b9396509194509091013560f81c91505060ff8316600114610654576040517fc73c28ef00000000000000000000000000000000000000000000000000000000815260ff84166004820152600160248201526044016101f0565b600360ff8316111561069e576040517f21e0670b00000000000000000000000000000000000000000000000000000000815260ff83166004820152600360248201526044016101f0565b60ff81166055148015906106b6575060ff8116607014155b156106f2576040517fea432ed800000000000000000000000000000000000000000000000000000000815260ff821660048201526024016101f0565b6001821615158452600282161515602085015260ff8116604085015261071c602360038789611072565b61072591611099565b6060850152610738604360238789611072565b61074191611099565b6080850152610754604b60438789611072565b61075d9161114c565b60c01c60a08501526107736053604b8789611072565b61077c9161114c565b60c090811c90850152610793605b60538789611072565b61079c9161114c565b60c01c60e08501526107b26063605b8789611072565b6107bb9161114c565b60c01c6101008501525091949350505050565b5f6107dd603a60328486611072565b6107e69161114c565b60c01c9392505050565b5f6107dd6042603a8486611072565b5f5f5f61080c8585610932565b92509250925082158061081f5750838114155b15610845578560400151604051631a06315b60e21b81526004016101f091815260200190565b5060808501929092525060609092019190915250565b5f5f5f61087084606001518560800151610932565b9250925092505f5f5f610887848860800151610932565b925092509250866080015181146108aa576108a187610a9e565b50505050505050565b85156108d1578660400151604051631a06315b60e21b81526004016101f091815260200190565b6108dc878686610be5565b156109255782806108ec57508082145b15610912578660400151604051631a06315b60e21b81526004016101f091815260200190565b60e0870181905260c087018290526108a1565b6108a18784868585610d7b565b5f5f5f83851061095f57604051637dec1c5560e11b815260048101869052602481018590526044016101f0565b843560f81c608081101561097e57505f92508491505060018101610a97565b60c081101593508560010192505f8461099857608061099b565b60c05b60ff16820390506037811115610a25575f6037820390508681860111156109df57604051637dec1c5560e11b815260048101899052602481018890526044016101f0565b843560088202610100031c91506037821115806109fe5750843560f81c155b15610a1f5760405163ae43102d60e01b8152600481018990526024016101f0565b93909301925b808401925085831115610a5557604051637dec1c5560e11b815260048101889052602481018790526044016101f0565b84158015610a635750806001145b8015610a7357506080843560f81c105b15610a945760405163ae43102d60e01b8152600481018890526024016101f0565b50505b9250925092565b6040816020015103610acb578060400151604051631a06315b60e21b81526004016101f091815260200190565b5f60fc82602001516004610adf91906111b1565b8351606085015160808601519190921b90921c9250905f805b6010811015610b2057848103610b0c578391505b610b168484610e1a565b9350600101610af8565b505f5f5f610b2e8686610932565b9250925092508280610b405750808214155b80610b4b5750848114155b15610b71578760400151604051631a06315b60e21b81526004016101f091815260200190565b610b7b8486610932565b9194509250905082158015610b8f57508082145b15610bbd578751602089015160405163922ae51360e01b8152600481019290925260248201526044016101f0565b876020018051610bcc90611134565b9052610bdb8884868585610d7b565b5050505050505050565b5f80610bf184846111c8565b9050801580610c005750602181115b15610c26578460400151604051631a06315b60e21b81526004016101f091815260200190565b833560f81c6020811615159250601081161515603f821180610c53575080158015610c535750600f821615155b15610c79578660400151604051631a06315b60e21b81526004016101f091815260200190565b5f81610c86576002610c89565b60015b60ff16610c978560026111b1565b610ca191906111c8565b90505f818960200151610cb49190611121565b905085610cce57811580610cc9575060408110155b610cd4565b60408114155b15610cfa578860400151604051631a06315b60e21b81526004016101f091815260200190565b5f8315890135846004021b9050826004610d1491906111b1565b610d20906101006111c8565b60208b0151610d309060046111b1565b8b51901b8218901c15610d6657895160208b015160405163922ae51360e01b8152600481019290925260248201526044016101f0565b50602090980197909752509195945050505050565b838015610d9157506020610d8f84836111c8565b105b15610da657610da18584836107ff565b610e13565b8380610dbc5750610db782826111c8565b602014155b15610de2578460400151604051631a06315b60e21b81526004016101f091815260200190565b81355f819003610e0d578560400151604051631a06315b60e21b81526004016101f091815260200190565b60a08601525b5050505050565b5f823560f81c6080819003610e34575050600182016102bb565b8060a003610e47575050602182016102bb565b610e518484610932565b9695505050505050565b5f5f83601f840112610e6b575f5ffd5b50813567ffffffffffffffff811115610e82575f5ffd5b6020830191508360208260051b8501011115610e9c575f5ffd5b9250929050565b5f5f5f5f5f60608688031215610eb7575f5ffd5b853567ffffffffffffffff811115610ecd575f5ffd5b8601601f81018813610edd575f5ffd5b803567ffffffffffffffff811115610ef3575f5ffd5b886020828401011115610f04575f5ffd5b6020918201965094508601359250604086013567ffffffffffffffff811115610f2b575f5ffd5b610f3788828901610e5b565b969995985093965092949392505050565b81511515815261016081016020830151610f66602084018215159052565b506040830151610f7b604084018260ff169052565b50606083015160608301526080830151608083015260a0830151610fab60a084018267ffffffffffffffff169052565b5060c0830151610fc760c084018267ffffffffffffffff169052565b5060e0830151610fe360e084018267ffffffffffffffff169052565b5061010083015161100161010084018267ffffffffffffffff169052565b5061012083015161101f61012084018267ffffffffffffffff169052565b5061014083015161103d61014084018267ffffffffffffffff169052565b5092915050565b5f60208284031215611054575f5ffd5b815180151581146102d9575f5ffd5b818382375f9101908152919050565b5f5f85851115611080575f5ffd5b8386111561108c575f5ffd5b5050820193919092039150565b803560208310156102bb575f19602084900360031b1b1692915050565b634e487b7160e01b5f52603260045260245ffd5b5f5f8335601e198436030181126110df575f5ffd5b83018035915067ffffffffffffffff8211156110f9575f5ffd5b602001915036819003821315610e9c575f5ffd5b634e487b7160e01b5f52601160045260245ffd5b808201808211156102bb576102bb61110d565b5f600182016111455761114561110d565b5060010190565b80357fffffffffffffffff000000000000000000000000000000000000000000000000811690600884101561103d577fffffffffffffffff000000000000000000000000000000000000000000000000808560080360031b1b82161691505092915050565b80820281158282048414176102bb576102bb61110d565b818103818111156102bb576102bb61110d56",
}

// Anchor is an auto generated Go binding around an Ethereum contract.
type Anchor struct {
	abi abi.ABI
}

// NewAnchor creates a new instance of Anchor.
func NewAnchor() *Anchor {
	parsed, err := AnchorMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Anchor{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Anchor) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(address client_) returns()
func (anchor *Anchor) PackConstructor(client_ common.Address) []byte {
	enc, err := anchor.abi.Pack("", client_)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackClient is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x109e94cf.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function client() view returns(address)
func (anchor *Anchor) PackClient() []byte {
	enc, err := anchor.abi.Pack("client")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackClient is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x109e94cf.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function client() view returns(address)
func (anchor *Anchor) TryPackClient() ([]byte, error) {
	return anchor.abi.Pack("client")
}

// UnpackClient is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x109e94cf.
//
// Solidity: function client() view returns(address)
func (anchor *Anchor) UnpackClient(data []byte) (common.Address, error) {
	out, err := anchor.abi.Unpack("client", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackProve is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4e2d6b3f.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function prove(bytes checkpoint, bytes32 manifestDigest, bytes[] proof) view returns((bool,bool,uint8,bytes32,bytes32,uint64,uint64,uint64,uint64,uint64,uint64))
func (anchor *Anchor) PackProve(checkpoint []byte, manifestDigest [32]byte, proof [][]byte) []byte {
	enc, err := anchor.abi.Pack("prove", checkpoint, manifestDigest, proof)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackProve is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4e2d6b3f.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function prove(bytes checkpoint, bytes32 manifestDigest, bytes[] proof) view returns((bool,bool,uint8,bytes32,bytes32,uint64,uint64,uint64,uint64,uint64,uint64))
func (anchor *Anchor) TryPackProve(checkpoint []byte, manifestDigest [32]byte, proof [][]byte) ([]byte, error) {
	return anchor.abi.Pack("prove", checkpoint, manifestDigest, proof)
}

// UnpackProve is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x4e2d6b3f.
//
// Solidity: function prove(bytes checkpoint, bytes32 manifestDigest, bytes[] proof) view returns((bool,bool,uint8,bytes32,bytes32,uint64,uint64,uint64,uint64,uint64,uint64))
func (anchor *Anchor) UnpackProve(data []byte) (AnchorRecord, error) {
	out, err := anchor.abi.Unpack("prove", data)
	if err != nil {
		return *new(AnchorRecord), err
	}
	out0 := *abi.ConvertType(out[0], new(AnchorRecord)).(*AnchorRecord)
	return out0, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (anchor *Anchor) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], anchor.abi.Errors["CheckpointLength"].ID.Bytes()[:4]) {
		return anchor.UnpackCheckpointLengthError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchor.abi.Errors["CheckpointNotAccepted"].ID.Bytes()[:4]) {
		return anchor.UnpackCheckpointNotAcceptedError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchor.abi.Errors["KeyAbsent"].ID.Bytes()[:4]) {
		return anchor.UnpackKeyAbsentError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchor.abi.Errors["MalformedNode"].ID.Bytes()[:4]) {
		return anchor.UnpackMalformedNodeError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchor.abi.Errors["NodeHash"].ID.Bytes()[:4]) {
		return anchor.UnpackNodeHashError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchor.abi.Errors["ProofEnd"].ID.Bytes()[:4]) {
		return anchor.UnpackProofEndError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchor.abi.Errors["ProofLength"].ID.Bytes()[:4]) {
		return anchor.UnpackProofLengthError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchor.abi.Errors["RecordCodec"].ID.Bytes()[:4]) {
		return anchor.UnpackRecordCodecError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchor.abi.Errors["RecordFlags"].ID.Bytes()[:4]) {
		return anchor.UnpackRecordFlagsError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchor.abi.Errors["RecordLength"].ID.Bytes()[:4]) {
		return anchor.UnpackRecordLengthError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchor.abi.Errors["RecordVersion"].ID.Bytes()[:4]) {
		return anchor.UnpackRecordVersionError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchor.abi.Errors["RlpNotCanonical"].ID.Bytes()[:4]) {
		return anchor.UnpackRlpNotCanonicalError(raw[4:])
	}
	if bytes.Equal(raw[:4], anchor.abi.Errors["RlpTruncated"].ID.Bytes()[:4]) {
		return anchor.UnpackRlpTruncatedError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// AnchorCheckpointLength represents a CheckpointLength error raised by the Anchor contract.
type AnchorCheckpointLength struct {
	Length   *big.Int
	Expected *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error CheckpointLength(uint256 length, uint256 expected)
func AnchorCheckpointLengthErrorID() common.Hash {
	return common.HexToHash("0xfd966d5d5ce628623418eb215f8111dee9e4ab2e6e268680fb17c116fc0174f0")
}

// UnpackCheckpointLengthError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error CheckpointLength(uint256 length, uint256 expected)
func (anchor *Anchor) UnpackCheckpointLengthError(raw []byte) (*AnchorCheckpointLength, error) {
	out := new(AnchorCheckpointLength)
	if err := anchor.abi.UnpackIntoInterface(out, "CheckpointLength", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorCheckpointNotAccepted represents a CheckpointNotAccepted error raised by the Anchor contract.
type AnchorCheckpointNotAccepted struct {
	Digest [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error CheckpointNotAccepted(bytes32 digest)
func AnchorCheckpointNotAcceptedErrorID() common.Hash {
	return common.HexToHash("0x77efaa8a20215c104704323fe8537b477b77145139b20023ef5212f28c6a1a49")
}

// UnpackCheckpointNotAcceptedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error CheckpointNotAccepted(bytes32 digest)
func (anchor *Anchor) UnpackCheckpointNotAcceptedError(raw []byte) (*AnchorCheckpointNotAccepted, error) {
	out := new(AnchorCheckpointNotAccepted)
	if err := anchor.abi.UnpackIntoInterface(out, "CheckpointNotAccepted", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorKeyAbsent represents a KeyAbsent error raised by the Anchor contract.
type AnchorKeyAbsent struct {
	Key     [32]byte
	Nibbles *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error KeyAbsent(bytes32 key, uint256 nibbles)
func AnchorKeyAbsentErrorID() common.Hash {
	return common.HexToHash("0x922ae513732a1baf4a2e6fc4b7ba58a4e81a123b0121b5180d32d573dc243a8d")
}

// UnpackKeyAbsentError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error KeyAbsent(bytes32 key, uint256 nibbles)
func (anchor *Anchor) UnpackKeyAbsentError(raw []byte) (*AnchorKeyAbsent, error) {
	out := new(AnchorKeyAbsent)
	if err := anchor.abi.UnpackIntoInterface(out, "KeyAbsent", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorMalformedNode represents a MalformedNode error raised by the Anchor contract.
type AnchorMalformedNode struct {
	Node *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error MalformedNode(uint256 node)
func AnchorMalformedNodeErrorID() common.Hash {
	return common.HexToHash("0x6818c56c015e4837185d9dc50b74b3cce5abeef2fe2c0f4e2156467d8fdda454")
}

// UnpackMalformedNodeError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error MalformedNode(uint256 node)
func (anchor *Anchor) UnpackMalformedNodeError(raw []byte) (*AnchorMalformedNode, error) {
	out := new(AnchorMalformedNode)
	if err := anchor.abi.UnpackIntoInterface(out, "MalformedNode", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorNodeHash represents a NodeHash error raised by the Anchor contract.
type AnchorNodeHash struct {
	Node     *big.Int
	Hash     [32]byte
	Expected [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NodeHash(uint256 node, bytes32 hash, bytes32 expected)
func AnchorNodeHashErrorID() common.Hash {
	return common.HexToHash("0x10fae89e85b031e2f364f34dcded48c001991878e650475e511199f13747e5f6")
}

// UnpackNodeHashError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NodeHash(uint256 node, bytes32 hash, bytes32 expected)
func (anchor *Anchor) UnpackNodeHashError(raw []byte) (*AnchorNodeHash, error) {
	out := new(AnchorNodeHash)
	if err := anchor.abi.UnpackIntoInterface(out, "NodeHash", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorProofEnd represents a ProofEnd error raised by the Anchor contract.
type AnchorProofEnd struct {
	Nodes  *big.Int
	Needed *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ProofEnd(uint256 nodes, uint256 needed)
func AnchorProofEndErrorID() common.Hash {
	return common.HexToHash("0xc132e20506b5008bcdd498073695173a1fe12a41e30a5b6c048437df16c8e364")
}

// UnpackProofEndError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ProofEnd(uint256 nodes, uint256 needed)
func (anchor *Anchor) UnpackProofEndError(raw []byte) (*AnchorProofEnd, error) {
	out := new(AnchorProofEnd)
	if err := anchor.abi.UnpackIntoInterface(out, "ProofEnd", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorProofLength represents a ProofLength error raised by the Anchor contract.
type AnchorProofLength struct {
	Nodes *big.Int
	Most  *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ProofLength(uint256 nodes, uint256 most)
func AnchorProofLengthErrorID() common.Hash {
	return common.HexToHash("0xc0545fa079a874036bb8c19da30c7d52825b899324259e39a7460f948ce8d79d")
}

// UnpackProofLengthError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ProofLength(uint256 nodes, uint256 most)
func (anchor *Anchor) UnpackProofLengthError(raw []byte) (*AnchorProofLength, error) {
	out := new(AnchorProofLength)
	if err := anchor.abi.UnpackIntoInterface(out, "ProofLength", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorRecordCodec represents a RecordCodec error raised by the Anchor contract.
type AnchorRecordCodec struct {
	Codec uint8
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error RecordCodec(uint8 codec)
func AnchorRecordCodecErrorID() common.Hash {
	return common.HexToHash("0xea432ed85a4ca7bb1001d1eba3e05f4bdcc5f4a30536c38df28400b70e880fdd")
}

// UnpackRecordCodecError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error RecordCodec(uint8 codec)
func (anchor *Anchor) UnpackRecordCodecError(raw []byte) (*AnchorRecordCodec, error) {
	out := new(AnchorRecordCodec)
	if err := anchor.abi.UnpackIntoInterface(out, "RecordCodec", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorRecordFlags represents a RecordFlags error raised by the Anchor contract.
type AnchorRecordFlags struct {
	Flags uint8
	Known uint8
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error RecordFlags(uint8 flags, uint8 known)
func AnchorRecordFlagsErrorID() common.Hash {
	return common.HexToHash("0x21e0670bde02b7014a8d6d6a32e78f396962973f47d524107d4c450cf89eb0fb")
}

// UnpackRecordFlagsError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error RecordFlags(uint8 flags, uint8 known)
func (anchor *Anchor) UnpackRecordFlagsError(raw []byte) (*AnchorRecordFlags, error) {
	out := new(AnchorRecordFlags)
	if err := anchor.abi.UnpackIntoInterface(out, "RecordFlags", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorRecordLength represents a RecordLength error raised by the Anchor contract.
type AnchorRecordLength struct {
	Length   *big.Int
	Expected *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error RecordLength(uint256 length, uint256 expected)
func AnchorRecordLengthErrorID() common.Hash {
	return common.HexToHash("0xd3de7018eb0d53aa386c0a105193763baa1aeaef004cffcdbd1c9e2aa68287fe")
}

// UnpackRecordLengthError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error RecordLength(uint256 length, uint256 expected)
func (anchor *Anchor) UnpackRecordLengthError(raw []byte) (*AnchorRecordLength, error) {
	out := new(AnchorRecordLength)
	if err := anchor.abi.UnpackIntoInterface(out, "RecordLength", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorRecordVersion represents a RecordVersion error raised by the Anchor contract.
type AnchorRecordVersion struct {
	Version  uint8
	Expected uint8
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error RecordVersion(uint8 version, uint8 expected)
func AnchorRecordVersionErrorID() common.Hash {
	return common.HexToHash("0xc73c28efd729e7096955d27297127960877782d366d18af64593bc54ac9377de")
}

// UnpackRecordVersionError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error RecordVersion(uint8 version, uint8 expected)
func (anchor *Anchor) UnpackRecordVersionError(raw []byte) (*AnchorRecordVersion, error) {
	out := new(AnchorRecordVersion)
	if err := anchor.abi.UnpackIntoInterface(out, "RecordVersion", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorRlpNotCanonical represents a RlpNotCanonical error raised by the Anchor contract.
type AnchorRlpNotCanonical struct {
	Offset *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error RlpNotCanonical(uint256 offset)
func AnchorRlpNotCanonicalErrorID() common.Hash {
	return common.HexToHash("0xae43102db473d8020ea2d82c02d3b97c62e7ec0a35d45c22174324b9342afa89")
}

// UnpackRlpNotCanonicalError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error RlpNotCanonical(uint256 offset)
func (anchor *Anchor) UnpackRlpNotCanonicalError(raw []byte) (*AnchorRlpNotCanonical, error) {
	out := new(AnchorRlpNotCanonical)
	if err := anchor.abi.UnpackIntoInterface(out, "RlpNotCanonical", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// AnchorRlpTruncated represents a RlpTruncated error raised by the Anchor contract.
type AnchorRlpTruncated struct {
	Offset *big.Int
	End    *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error RlpTruncated(uint256 offset, uint256 end)
func AnchorRlpTruncatedErrorID() common.Hash {
	return common.HexToHash("0xfbd838aad234697391ae5dab9befa547ebfc7f4d4241c39b7fe4b8d3f2cf3a4b")
}

// UnpackRlpTruncatedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error RlpTruncated(uint256 offset, uint256 end)
func (anchor *Anchor) UnpackRlpTruncatedError(raw []byte) (*AnchorRlpTruncated, error) {
	out := new(AnchorRlpTruncated)
	if err := anchor.abi.UnpackIntoInterface(out, "RlpTruncated", raw); err != nil {
		return nil, err
	}
	return out, nil
}
