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

// LightClientMetaData contains all meta data concerning the LightClient contract.
var LightClientMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"chainIdHash_\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"setRoot\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"epoch\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"trustPeriod_\",\"type\":\"uint64\"},{\"internalType\":\"address\",\"name\":\"recoveryAddress_\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"recoveryDelay_\",\"type\":\"uint64\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"digest\",\"type\":\"bytes32\"}],\"name\":\"AlreadyAccepted\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"length\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"expected\",\"type\":\"uint256\"}],\"name\":\"CheckpointLength\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"staleAt\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"time\",\"type\":\"uint256\"}],\"name\":\"ClientNotStale\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"staleAt\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"time\",\"type\":\"uint256\"}],\"name\":\"ClientStale\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"height\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"head\",\"type\":\"uint64\"}],\"name\":\"HeightNotGreater\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"chainIdHash\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"setRoot\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"trustPeriod\",\"type\":\"uint64\"},{\"internalType\":\"address\",\"name\":\"recoveryAddress\",\"type\":\"address\"}],\"name\":\"InvalidConfiguration\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"epoch\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"headEpoch\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"setRoot\",\"type\":\"bytes32\"}],\"name\":\"InvalidRecovery\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"NoRecovery\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"signed\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"total\",\"type\":\"uint256\"}],\"name\":\"NotEnoughPower\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"sender\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"expected\",\"type\":\"address\"}],\"name\":\"NotRecoveryAddress\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"executableAt\",\"type\":\"uint64\"},{\"internalType\":\"uint256\",\"name\":\"time\",\"type\":\"uint256\"}],\"name\":\"RecoveryTooEarly\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"length\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"members\",\"type\":\"uint256\"}],\"name\":\"SetLength\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"member\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"s\",\"type\":\"uint256\"}],\"name\":\"SignatureHighS\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"member\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"v\",\"type\":\"uint256\"}],\"name\":\"SignatureRecoveryId\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"length\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"expected\",\"type\":\"uint256\"}],\"name\":\"SignaturesLength\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"signers\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"members\",\"type\":\"uint256\"}],\"name\":\"SignersOutsideSet\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"head\",\"type\":\"uint64\"}],\"name\":\"TimeBeforeHead\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"member\",\"type\":\"uint256\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"expected\",\"type\":\"address\"}],\"name\":\"UnexpectedSigner\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"setRoot\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"trusted\",\"type\":\"bytes32\"}],\"name\":\"UntrustedSet\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"chain\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"}],\"name\":\"WrongChain\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"epoch\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"expected\",\"type\":\"uint64\"}],\"name\":\"WrongEpoch\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"setRoot\",\"type\":\"bytes32\"},{\"internalType\":\"bytes32\",\"name\":\"expected\",\"type\":\"bytes32\"}],\"name\":\"WrongSet\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"bytes10\",\"name\":\"tag\",\"type\":\"bytes10\"},{\"internalType\":\"bytes10\",\"name\":\"expected\",\"type\":\"bytes10\"}],\"name\":\"WrongTag\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"digest\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"uint64\",\"name\":\"height\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"epoch\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"bytes32\",\"name\":\"anchorRoot\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"bytes32\",\"name\":\"outboxRoot\",\"type\":\"bytes32\"}],\"name\":\"CheckpointAccepted\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint64\",\"name\":\"epoch\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"bytes32\",\"name\":\"setRoot\",\"type\":\"bytes32\"}],\"name\":\"RecoveryExecuted\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint64\",\"name\":\"epoch\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"bytes32\",\"name\":\"setRoot\",\"type\":\"bytes32\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"executableAt\",\"type\":\"uint64\"}],\"name\":\"RecoveryProposed\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint64\",\"name\":\"epoch\",\"type\":\"uint64\"},{\"indexed\":false,\"internalType\":\"bytes32\",\"name\":\"setRoot\",\"type\":\"bytes32\"}],\"name\":\"SignersRotated\",\"type\":\"event\"},{\"inputs\":[{\"internalType\":\"bytes32\",\"name\":\"digest\",\"type\":\"bytes32\"}],\"name\":\"accepted\",\"outputs\":[{\"internalType\":\"bool\",\"name\":\"\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"chainIdHash\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"executeRecovery\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"head\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"epoch\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"height\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"time\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"trustedAt\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"epoch\",\"type\":\"uint64\"},{\"internalType\":\"bytes32\",\"name\":\"setRoot\",\"type\":\"bytes32\"}],\"name\":\"proposeRecovery\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"recovery\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"setRoot\",\"type\":\"bytes32\"},{\"internalType\":\"uint64\",\"name\":\"epoch\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"executableAt\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"recoveryAddress\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"recoveryDelay\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"signerSetRoot\",\"outputs\":[{\"internalType\":\"bytes32\",\"name\":\"\",\"type\":\"bytes32\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"staleAt\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes\",\"name\":\"checkpoint\",\"type\":\"bytes\"},{\"internalType\":\"bytes\",\"name\":\"set\",\"type\":\"bytes\"},{\"internalType\":\"uint256\",\"name\":\"signers\",\"type\":\"uint256\"},{\"internalType\":\"bytes\",\"name\":\"signatures\",\"type\":\"bytes\"}],\"name\":\"submit\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"trustPeriod\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"}]",
	ID:  "LightClient",
	Bin: "0x610100604052348015610010575f5ffd5b5060405161196738038061196783398101604081905261002f91610197565b85158061003a575084155b8061004c57506001600160401b038316155b1561009657604051639f37245f60e01b815260048101879052602481018690526001600160401b03841660448201526001600160a01b038316606482015260840160405180910390fd5b60808681526001600160401b0380851660a0526001600160a01b03841660c05282811660e05260408051928301815290861682525f6020830181905290820152606081016100e261016a565b6001600160401b0390811690915281515f8054602085015160408601516060909601519385166001600160801b0319909216919091176801000000000000000091851691909102176001600160801b0316600160801b948416949094026001600160c01b031693909317600160c01b91909216021790555050506001919091555061023d9050565b5f610177426103e8610208565b905090565b80516001600160401b0381168114610192575f5ffd5b919050565b5f5f5f5f5f5f60c087890312156101ac575f5ffd5b8651602088015190965094506101c46040880161017c565b93506101d26060880161017c565b60808801519093506001600160a01b03811681146101ee575f5ffd5b91506101fc60a0880161017c565b90509295509295509295565b6001600160401b03818116838216029081169081811461023657634e487b7160e01b5f52601160045260245ffd5b5092915050565b60805160a05160c05160e0516116ce6102995f395f818160e201526106fe01525f818161013d015281816107c5015261082001525f818161024001526108ad01525f818161021901528181610a060152610a6e01526116ce5ff3fe608060405234801561000f575f5ffd5b50600436106100cf575f3560e01c80639289acac1161007d578063c89b233911610058578063c89b233914610275578063ddceafa91461027e578063e9542c02146102cc575f5ffd5b80639289acac1461021457806395abb7321461023b57806396e98acb14610262575f5ffd5b8063710eb26c116100ad578063710eb26c146101385780638642afd1146101775780638f7dcfa3146101a9575f5ffd5b806320c5a3e1146100d35780633758ca7a146100dd5780636450bf0e14610122575b5f5ffd5b6100db6102df565b005b6101047f000000000000000000000000000000000000000000000000000000000000000081565b60405167ffffffffffffffff90911681526020015b60405180910390f35b61012a61047d565b604051908152602001610119565b61015f7f000000000000000000000000000000000000000000000000000000000000000081565b6040516001600160a01b039091168152602001610119565b6101996101853660046112ee565b60046020525f908152604090205460ff1681565b6040519015158152602001610119565b5f546101e09067ffffffffffffffff80821691680100000000000000008104821691600160801b8204811691600160c01b90041684565b6040805167ffffffffffffffff95861681529385166020850152918416918301919091529091166060820152608001610119565b61012a7f000000000000000000000000000000000000000000000000000000000000000081565b6101047f000000000000000000000000000000000000000000000000000000000000000081565b6100db61027036600461134a565b61049f565b61012a60015481565b6002546003546102a6919067ffffffffffffffff808216916801000000000000000090041683565b6040805193845267ffffffffffffffff9283166020850152911690820152606001610119565b6100db6102da3660046113f2565b610680565b6102e76107ba565b6040805160608101825260025480825260035467ffffffffffffffff8082166020850152680100000000000000009091041692820192909252905f03610359576040517fc993b99300000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b806040015167ffffffffffffffff164210156103be5760408082015190517f3388538400000000000000000000000000000000000000000000000000000000815267ffffffffffffffff90911660048201524260248201526044015b60405180910390fd5b5f6002819055600380546fffffffffffffffffffffffffffffffff191690556020820151815467ffffffffffffffff191667ffffffffffffffff90911617905561040661089d565b5f805477ffffffffffffffffffffffffffffffffffffffffffffffff16600160c01b67ffffffffffffffff9384160217905581516001819055602080840151604051928352909216917fc8fd4c91de106d831bdbdcd5ff8ad8a2dfdac52a5684d23b41eef4a3ca56299f910160405180910390a250565b5f805461049a90600160c01b900467ffffffffffffffff166108aa565b905090565b5f6104aa88886108fe565b5f8181526004602052604090205490915060ff16156104f8576040517f11fb1a9f000000000000000000000000000000000000000000000000000000008152600481018290526024016103b5565b604080516080810182525f805467ffffffffffffffff808216845268010000000000000000820481166020850152600160801b8204811694840194909452600160c01b900490921660608201819052909190610553906108aa565b905080421115610598576040517f359eb41e000000000000000000000000000000000000000000000000000000008152600481018290524260248201526044016103b5565b6001546105a78b8b8584610963565b5f6105b28a8a610c69565b90508181146105f7576040517f26bdc58100000000000000000000000000000000000000000000000000000000815260048101829052602481018390526044016103b5565b5f5f6106078c8c898d8d8d610c9b565b909250905061061781600261143c565b61062283600361143c565b11610663576040517f2818471e00000000000000000000000000000000000000000000000000000000815260048101839052602481018290526044016103b5565b6106708e8e898988610ecf565b5050505050505050505050505050565b6106886107ba565b5f5467ffffffffffffffff90811690831610806106a3575080155b156106f8575f546040517fb8593b0700000000000000000000000000000000000000000000000000000000815267ffffffffffffffff80851660048301529091166024820152604481018290526064016103b5565b5f6107237f000000000000000000000000000000000000000000000000000000000000000042611453565b6040805160608101825284815267ffffffffffffffff86811660208084018290529185169284018390526002879055600380546fffffffffffffffffffffffffffffffff19168217680100000000000000008502179055835187815291820192909252929350917f1688d47b773261f9f173fe14d26b210ef4e05e93b6da6dbcf1cad24a872b7686910160405180910390a2505050565b336001600160a01b037f0000000000000000000000000000000000000000000000000000000000000000161461084d576040517f795c5ba00000000000000000000000000000000000000000000000000000000081523360048201526001600160a01b037f00000000000000000000000000000000000000000000000000000000000000001660248201526044016103b5565b5f61085661047d565b905080421161089a576040517f7c7cd252000000000000000000000000000000000000000000000000000000008152600481018290524260248201526044016103b5565b50565b5f61049a426103e8611473565b5f7f000000000000000000000000000000000000000000000000000000000000000067ffffffffffffffff166103e88367ffffffffffffffff166108ee919061149d565b6108f891906114bc565b92915050565b5f60e28214610943576040517ffd966d5d0000000000000000000000000000000000000000000000000000000081526004810183905260e260248201526044016103b5565b82826040516109539291906114cf565b6040518091039020905092915050565b694950444d2f63702f763160b01b61097b85856110e8565b75ffffffffffffffffffffffffffffffffffffffffffff191614610a04576109a384846110e8565b6040517fca88ac4000000000000000000000000000000000000000000000000000000000815275ffffffffffffffffffffffffffffffffffffffffffff199091166004820152694950444d2f63702f763160b01b60248201526044016103b5565b7f0000000000000000000000000000000000000000000000000000000000000000610a2f8585611106565b14610a9a57610a3e8484611106565b6040517fe894bab400000000000000000000000000000000000000000000000000000000815260048101919091527f000000000000000000000000000000000000000000000000000000000000000060248201526044016103b5565b815167ffffffffffffffff16610ab0858561111e565b67ffffffffffffffff1614610b1157610ac9848461111e565b82516040517f2b9264ec00000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9283166004820152911660248201526044016103b5565b816020015167ffffffffffffffff16610b2a8585611140565b67ffffffffffffffff1611610b8e57610b438484611140565b60208301516040517f15434f8200000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9283166004820152911660248201526044016103b5565b816040015167ffffffffffffffff16610ba7858561114f565b67ffffffffffffffff161015610c0c57610bc1848461114f565b60408084015190517f353d643400000000000000000000000000000000000000000000000000000000815267ffffffffffffffff9283166004820152911660248201526044016103b5565b80610c17858561115e565b14610c6357610c26848461115e565b6040517fec3deb450000000000000000000000000000000000000000000000000000000081526004810191909152602481018290526044016103b5565b50505050565b5f8282604051602001610c7d9291906114de565b60405160208183030381529060405280519060200120905092915050565b5f808060028810610cc457610cb360025f8a8c611516565b610cbc9161153d565b60f01c610cc6565b5f5b61ffff169050801580610cda575061010081115b80610cfa5750610ceb601c8261143c565b610cf69060026114bc565b8814155b15610d3b576040517fe55c4a6f00000000000000000000000000000000000000000000000000000000815260048101899052602481018290526044016103b5565b85811c15610d7f576040517f22e1252900000000000000000000000000000000000000000000000000000000815260048101879052602481018290526044016103b5565b6041610d8a8761116d565b610d94919061143c565b8414610deb57836041610da68861116d565b610db0919061143c565b6040517fca961efd000000000000000000000000000000000000000000000000000000008152600481019290925260248201526044016103b5565b845f5b82811015610ec1576002601c82028c010135602081901c67ffffffffffffffff169485019489831c6001165f03610e26575050610eb9565b5f610e32848d87611199565b90506001600160a01b038116606084901c141580610e5757506001600160a01b038116155b15610eaa576040517f8cd02d5c000000000000000000000000000000000000000000000000000000008152600481018590526001600160a01b0382166024820152606084901c60448201526064016103b5565b81880197506041850194505050505b600101610dee565b505050965096945050505050565b5f5f5f845f0151610ee08989611140565b610eea8a8a61114f565b5f898152600460205260409020805460ff191660011790559194509250905067ffffffffffffffff8216867f8449989f9df4a43903779bdfd6cfa8723aba05d0d98547dab10833ec4c98df8d8584610f428d8d6112c1565b610f4c8e8e6112d0565b6040805167ffffffffffffffff958616815294909316602085015291830152606082015260800160405180910390a35f610f8689896112df565b9050848114610fe057610f98846115a2565b600182905560405182815290945067ffffffffffffffff8516907fd0c497b84709a94d805aefbc2fe86cd09b7fd947041ca76827379b6e22443a379060200160405180910390a25b5f610fe961089d565b67ffffffffffffffff168367ffffffffffffffff16106110105761100b61089d565b611012565b825b9050866060015167ffffffffffffffff168167ffffffffffffffff16101561103b575060608601515b6040805160808101825267ffffffffffffffff968716808252958716602082018190529487169181018290529190951660609091018190525f80546fffffffffffffffffffffffffffffffff191690941768010000000000000000909302929092176fffffffffffffffffffffffffffffffff16600160801b90940277ffffffffffffffffffffffffffffffffffffffffffffffff1693909317600160c01b909102179055505050505050565b5f6110f6600a828486611516565b6110ff916115ce565b9392505050565b5f611115602a600a8486611516565b6110ff91611621565b5f61112d6032602a8486611516565b6111369161163e565b60c01c9392505050565b5f61112d603a60328486611516565b5f61112d6042603a8486611516565b5f61111560a260828486611516565b5f5b81156111945761117e816116a3565b905061118b6001836116bb565b8216915061116f565b919050565b5f813560208301356040840135831a60018111156111ed576040517fcd65194c00000000000000000000000000000000000000000000000000000000815260048101889052602481018290526044016103b5565b7f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0821115611251576040517fedd2e16200000000000000000000000000000000000000000000000000000000815260048101889052602481018390526044016103b5565b60018661125f83601b6114bc565b604080515f8152602081018083529390935260ff90911690820152606081018590526080810184905260a0016020604051602081039080840390855afa1580156112ab573d5f5f3e3d5ffd5b5050604051601f19015198975050505050505050565b5f611115606260428486611516565b5f611115608260628486611516565b5f61111560c260a28486611516565b5f602082840312156112fe575f5ffd5b5035919050565b5f5f83601f840112611315575f5ffd5b50813567ffffffffffffffff81111561132c575f5ffd5b602083019150836020828501011115611343575f5ffd5b9250929050565b5f5f5f5f5f5f5f6080888a031215611360575f5ffd5b873567ffffffffffffffff811115611376575f5ffd5b6113828a828b01611305565b909850965050602088013567ffffffffffffffff8111156113a1575f5ffd5b6113ad8a828b01611305565b90965094505060408801359250606088013567ffffffffffffffff8111156113d3575f5ffd5b6113df8a828b01611305565b989b979a50959850939692959293505050565b5f5f60408385031215611403575f5ffd5b823567ffffffffffffffff8116811461141a575f5ffd5b946020939093013593505050565b634e487b7160e01b5f52601160045260245ffd5b80820281158282048414176108f8576108f8611428565b67ffffffffffffffff81811683821601908111156108f8576108f8611428565b67ffffffffffffffff818116838216029081169081811461149657611496611428565b5092915050565b5f826114b757634e487b7160e01b5f52601260045260245ffd5b500490565b808201808211156108f8576108f8611428565b818382375f9101908152919050565b7f4950444d2f76732f76310000000000000000000000000000000000000000000081528183600a8301375f9101600a01908152919050565b5f5f85851115611524575f5ffd5b83861115611530575f5ffd5b5050820193919092039150565b80357fffff0000000000000000000000000000000000000000000000000000000000008116906002841015611496577fffff000000000000000000000000000000000000000000000000000000000000808560020360031b1b82161691505092915050565b5f67ffffffffffffffff821667ffffffffffffffff81036115c5576115c5611428565b60010192915050565b803575ffffffffffffffffffffffffffffffffffffffffffff19811690600a8410156114965775ffffffffffffffffffffffffffffffffffffffffffff198085600a0360031b1b82161691505092915050565b803560208310156108f8575f19602084900360031b1b1692915050565b80357fffffffffffffffff0000000000000000000000000000000000000000000000008116906008841015611496577fffffffffffffffff000000000000000000000000000000000000000000000000808560080360031b1b82161691505092915050565b5f600182016116b4576116b4611428565b5060010190565b818103818111156108f8576108f861142856",
}

// LightClient is an auto generated Go binding around an Ethereum contract.
type LightClient struct {
	abi abi.ABI
}

// NewLightClient creates a new instance of LightClient.
func NewLightClient() *LightClient {
	parsed, err := LightClientMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &LightClient{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *LightClient) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(bytes32 chainIdHash_, bytes32 setRoot, uint64 epoch, uint64 trustPeriod_, address recoveryAddress_, uint64 recoveryDelay_) returns()
func (lightClient *LightClient) PackConstructor(chainIdHash_ [32]byte, setRoot [32]byte, epoch uint64, trustPeriod_ uint64, recoveryAddress_ common.Address, recoveryDelay_ uint64) []byte {
	enc, err := lightClient.abi.Pack("", chainIdHash_, setRoot, epoch, trustPeriod_, recoveryAddress_, recoveryDelay_)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackAccepted is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8642afd1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function accepted(bytes32 digest) view returns(bool)
func (lightClient *LightClient) PackAccepted(digest [32]byte) []byte {
	enc, err := lightClient.abi.Pack("accepted", digest)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackAccepted is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8642afd1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function accepted(bytes32 digest) view returns(bool)
func (lightClient *LightClient) TryPackAccepted(digest [32]byte) ([]byte, error) {
	return lightClient.abi.Pack("accepted", digest)
}

// UnpackAccepted is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x8642afd1.
//
// Solidity: function accepted(bytes32 digest) view returns(bool)
func (lightClient *LightClient) UnpackAccepted(data []byte) (bool, error) {
	out, err := lightClient.abi.Unpack("accepted", data)
	if err != nil {
		return *new(bool), err
	}
	out0 := *abi.ConvertType(out[0], new(bool)).(*bool)
	return out0, nil
}

// PackChainIdHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9289acac.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function chainIdHash() view returns(bytes32)
func (lightClient *LightClient) PackChainIdHash() []byte {
	enc, err := lightClient.abi.Pack("chainIdHash")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackChainIdHash is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9289acac.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function chainIdHash() view returns(bytes32)
func (lightClient *LightClient) TryPackChainIdHash() ([]byte, error) {
	return lightClient.abi.Pack("chainIdHash")
}

// UnpackChainIdHash is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x9289acac.
//
// Solidity: function chainIdHash() view returns(bytes32)
func (lightClient *LightClient) UnpackChainIdHash(data []byte) ([32]byte, error) {
	out, err := lightClient.abi.Unpack("chainIdHash", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackExecuteRecovery is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x20c5a3e1.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function executeRecovery() returns()
func (lightClient *LightClient) PackExecuteRecovery() []byte {
	enc, err := lightClient.abi.Pack("executeRecovery")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackExecuteRecovery is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x20c5a3e1.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function executeRecovery() returns()
func (lightClient *LightClient) TryPackExecuteRecovery() ([]byte, error) {
	return lightClient.abi.Pack("executeRecovery")
}

// PackHead is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8f7dcfa3.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function head() view returns(uint64 epoch, uint64 height, uint64 time, uint64 trustedAt)
func (lightClient *LightClient) PackHead() []byte {
	enc, err := lightClient.abi.Pack("head")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackHead is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8f7dcfa3.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function head() view returns(uint64 epoch, uint64 height, uint64 time, uint64 trustedAt)
func (lightClient *LightClient) TryPackHead() ([]byte, error) {
	return lightClient.abi.Pack("head")
}

// HeadOutput serves as a container for the return parameters of contract
// method Head.
type HeadOutput struct {
	Epoch     uint64
	Height    uint64
	Time      uint64
	TrustedAt uint64
}

// UnpackHead is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x8f7dcfa3.
//
// Solidity: function head() view returns(uint64 epoch, uint64 height, uint64 time, uint64 trustedAt)
func (lightClient *LightClient) UnpackHead(data []byte) (HeadOutput, error) {
	out, err := lightClient.abi.Unpack("head", data)
	outstruct := new(HeadOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.Epoch = *abi.ConvertType(out[0], new(uint64)).(*uint64)
	outstruct.Height = *abi.ConvertType(out[1], new(uint64)).(*uint64)
	outstruct.Time = *abi.ConvertType(out[2], new(uint64)).(*uint64)
	outstruct.TrustedAt = *abi.ConvertType(out[3], new(uint64)).(*uint64)
	return *outstruct, nil
}

// PackProposeRecovery is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe9542c02.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function proposeRecovery(uint64 epoch, bytes32 setRoot) returns()
func (lightClient *LightClient) PackProposeRecovery(epoch uint64, setRoot [32]byte) []byte {
	enc, err := lightClient.abi.Pack("proposeRecovery", epoch, setRoot)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackProposeRecovery is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe9542c02.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function proposeRecovery(uint64 epoch, bytes32 setRoot) returns()
func (lightClient *LightClient) TryPackProposeRecovery(epoch uint64, setRoot [32]byte) ([]byte, error) {
	return lightClient.abi.Pack("proposeRecovery", epoch, setRoot)
}

// PackRecovery is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xddceafa9.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function recovery() view returns(bytes32 setRoot, uint64 epoch, uint64 executableAt)
func (lightClient *LightClient) PackRecovery() []byte {
	enc, err := lightClient.abi.Pack("recovery")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRecovery is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xddceafa9.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function recovery() view returns(bytes32 setRoot, uint64 epoch, uint64 executableAt)
func (lightClient *LightClient) TryPackRecovery() ([]byte, error) {
	return lightClient.abi.Pack("recovery")
}

// RecoveryOutput serves as a container for the return parameters of contract
// method Recovery.
type RecoveryOutput struct {
	SetRoot      [32]byte
	Epoch        uint64
	ExecutableAt uint64
}

// UnpackRecovery is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xddceafa9.
//
// Solidity: function recovery() view returns(bytes32 setRoot, uint64 epoch, uint64 executableAt)
func (lightClient *LightClient) UnpackRecovery(data []byte) (RecoveryOutput, error) {
	out, err := lightClient.abi.Unpack("recovery", data)
	outstruct := new(RecoveryOutput)
	if err != nil {
		return *outstruct, err
	}
	outstruct.SetRoot = *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	outstruct.Epoch = *abi.ConvertType(out[1], new(uint64)).(*uint64)
	outstruct.ExecutableAt = *abi.ConvertType(out[2], new(uint64)).(*uint64)
	return *outstruct, nil
}

// PackRecoveryAddress is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x710eb26c.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function recoveryAddress() view returns(address)
func (lightClient *LightClient) PackRecoveryAddress() []byte {
	enc, err := lightClient.abi.Pack("recoveryAddress")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRecoveryAddress is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x710eb26c.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function recoveryAddress() view returns(address)
func (lightClient *LightClient) TryPackRecoveryAddress() ([]byte, error) {
	return lightClient.abi.Pack("recoveryAddress")
}

// UnpackRecoveryAddress is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x710eb26c.
//
// Solidity: function recoveryAddress() view returns(address)
func (lightClient *LightClient) UnpackRecoveryAddress(data []byte) (common.Address, error) {
	out, err := lightClient.abi.Unpack("recoveryAddress", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackRecoveryDelay is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3758ca7a.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function recoveryDelay() view returns(uint64)
func (lightClient *LightClient) PackRecoveryDelay() []byte {
	enc, err := lightClient.abi.Pack("recoveryDelay")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRecoveryDelay is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x3758ca7a.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function recoveryDelay() view returns(uint64)
func (lightClient *LightClient) TryPackRecoveryDelay() ([]byte, error) {
	return lightClient.abi.Pack("recoveryDelay")
}

// UnpackRecoveryDelay is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x3758ca7a.
//
// Solidity: function recoveryDelay() view returns(uint64)
func (lightClient *LightClient) UnpackRecoveryDelay(data []byte) (uint64, error) {
	out, err := lightClient.abi.Unpack("recoveryDelay", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackSignerSetRoot is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc89b2339.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function signerSetRoot() view returns(bytes32)
func (lightClient *LightClient) PackSignerSetRoot() []byte {
	enc, err := lightClient.abi.Pack("signerSetRoot")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSignerSetRoot is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc89b2339.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function signerSetRoot() view returns(bytes32)
func (lightClient *LightClient) TryPackSignerSetRoot() ([]byte, error) {
	return lightClient.abi.Pack("signerSetRoot")
}

// UnpackSignerSetRoot is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc89b2339.
//
// Solidity: function signerSetRoot() view returns(bytes32)
func (lightClient *LightClient) UnpackSignerSetRoot(data []byte) ([32]byte, error) {
	out, err := lightClient.abi.Unpack("signerSetRoot", data)
	if err != nil {
		return *new([32]byte), err
	}
	out0 := *abi.ConvertType(out[0], new([32]byte)).(*[32]byte)
	return out0, nil
}

// PackStaleAt is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x6450bf0e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function staleAt() view returns(uint256)
func (lightClient *LightClient) PackStaleAt() []byte {
	enc, err := lightClient.abi.Pack("staleAt")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackStaleAt is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x6450bf0e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function staleAt() view returns(uint256)
func (lightClient *LightClient) TryPackStaleAt() ([]byte, error) {
	return lightClient.abi.Pack("staleAt")
}

// UnpackStaleAt is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x6450bf0e.
//
// Solidity: function staleAt() view returns(uint256)
func (lightClient *LightClient) UnpackStaleAt(data []byte) (*big.Int, error) {
	out, err := lightClient.abi.Unpack("staleAt", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackSubmit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x96e98acb.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function submit(bytes checkpoint, bytes set, uint256 signers, bytes signatures) returns()
func (lightClient *LightClient) PackSubmit(checkpoint []byte, set []byte, signers *big.Int, signatures []byte) []byte {
	enc, err := lightClient.abi.Pack("submit", checkpoint, set, signers, signatures)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSubmit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x96e98acb.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function submit(bytes checkpoint, bytes set, uint256 signers, bytes signatures) returns()
func (lightClient *LightClient) TryPackSubmit(checkpoint []byte, set []byte, signers *big.Int, signatures []byte) ([]byte, error) {
	return lightClient.abi.Pack("submit", checkpoint, set, signers, signatures)
}

// PackTrustPeriod is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x95abb732.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function trustPeriod() view returns(uint64)
func (lightClient *LightClient) PackTrustPeriod() []byte {
	enc, err := lightClient.abi.Pack("trustPeriod")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackTrustPeriod is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x95abb732.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function trustPeriod() view returns(uint64)
func (lightClient *LightClient) TryPackTrustPeriod() ([]byte, error) {
	return lightClient.abi.Pack("trustPeriod")
}

// UnpackTrustPeriod is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x95abb732.
//
// Solidity: function trustPeriod() view returns(uint64)
func (lightClient *LightClient) UnpackTrustPeriod(data []byte) (uint64, error) {
	out, err := lightClient.abi.Unpack("trustPeriod", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// LightClientCheckpointAccepted represents a CheckpointAccepted event raised by the LightClient contract.
type LightClientCheckpointAccepted struct {
	Digest     [32]byte
	Height     uint64
	Epoch      uint64
	Time       uint64
	AnchorRoot [32]byte
	OutboxRoot [32]byte
	Raw        *types.Log // Blockchain specific contextual infos
}

const LightClientCheckpointAcceptedEventName = "CheckpointAccepted"

// ContractEventName returns the user-defined event name.
func (LightClientCheckpointAccepted) ContractEventName() string {
	return LightClientCheckpointAcceptedEventName
}

// UnpackCheckpointAcceptedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event CheckpointAccepted(bytes32 indexed digest, uint64 indexed height, uint64 epoch, uint64 time, bytes32 anchorRoot, bytes32 outboxRoot)
func (lightClient *LightClient) UnpackCheckpointAcceptedEvent(log *types.Log) (*LightClientCheckpointAccepted, error) {
	event := "CheckpointAccepted"
	if len(log.Topics) == 0 || log.Topics[0] != lightClient.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(LightClientCheckpointAccepted)
	if len(log.Data) > 0 {
		if err := lightClient.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range lightClient.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LightClientRecoveryExecuted represents a RecoveryExecuted event raised by the LightClient contract.
type LightClientRecoveryExecuted struct {
	Epoch   uint64
	SetRoot [32]byte
	Raw     *types.Log // Blockchain specific contextual infos
}

const LightClientRecoveryExecutedEventName = "RecoveryExecuted"

// ContractEventName returns the user-defined event name.
func (LightClientRecoveryExecuted) ContractEventName() string {
	return LightClientRecoveryExecutedEventName
}

// UnpackRecoveryExecutedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event RecoveryExecuted(uint64 indexed epoch, bytes32 setRoot)
func (lightClient *LightClient) UnpackRecoveryExecutedEvent(log *types.Log) (*LightClientRecoveryExecuted, error) {
	event := "RecoveryExecuted"
	if len(log.Topics) == 0 || log.Topics[0] != lightClient.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(LightClientRecoveryExecuted)
	if len(log.Data) > 0 {
		if err := lightClient.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range lightClient.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LightClientRecoveryProposed represents a RecoveryProposed event raised by the LightClient contract.
type LightClientRecoveryProposed struct {
	Epoch        uint64
	SetRoot      [32]byte
	ExecutableAt uint64
	Raw          *types.Log // Blockchain specific contextual infos
}

const LightClientRecoveryProposedEventName = "RecoveryProposed"

// ContractEventName returns the user-defined event name.
func (LightClientRecoveryProposed) ContractEventName() string {
	return LightClientRecoveryProposedEventName
}

// UnpackRecoveryProposedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event RecoveryProposed(uint64 indexed epoch, bytes32 setRoot, uint64 executableAt)
func (lightClient *LightClient) UnpackRecoveryProposedEvent(log *types.Log) (*LightClientRecoveryProposed, error) {
	event := "RecoveryProposed"
	if len(log.Topics) == 0 || log.Topics[0] != lightClient.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(LightClientRecoveryProposed)
	if len(log.Data) > 0 {
		if err := lightClient.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range lightClient.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// LightClientSignersRotated represents a SignersRotated event raised by the LightClient contract.
type LightClientSignersRotated struct {
	Epoch   uint64
	SetRoot [32]byte
	Raw     *types.Log // Blockchain specific contextual infos
}

const LightClientSignersRotatedEventName = "SignersRotated"

// ContractEventName returns the user-defined event name.
func (LightClientSignersRotated) ContractEventName() string {
	return LightClientSignersRotatedEventName
}

// UnpackSignersRotatedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event SignersRotated(uint64 indexed epoch, bytes32 setRoot)
func (lightClient *LightClient) UnpackSignersRotatedEvent(log *types.Log) (*LightClientSignersRotated, error) {
	event := "SignersRotated"
	if len(log.Topics) == 0 || log.Topics[0] != lightClient.abi.Events[event].ID {
		return nil, errors.New("event signature mismatch")
	}
	out := new(LightClientSignersRotated)
	if len(log.Data) > 0 {
		if err := lightClient.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range lightClient.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (lightClient *LightClient) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], lightClient.abi.Errors["AlreadyAccepted"].ID.Bytes()[:4]) {
		return lightClient.UnpackAlreadyAcceptedError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["CheckpointLength"].ID.Bytes()[:4]) {
		return lightClient.UnpackCheckpointLengthError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["ClientNotStale"].ID.Bytes()[:4]) {
		return lightClient.UnpackClientNotStaleError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["ClientStale"].ID.Bytes()[:4]) {
		return lightClient.UnpackClientStaleError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["HeightNotGreater"].ID.Bytes()[:4]) {
		return lightClient.UnpackHeightNotGreaterError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["InvalidConfiguration"].ID.Bytes()[:4]) {
		return lightClient.UnpackInvalidConfigurationError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["InvalidRecovery"].ID.Bytes()[:4]) {
		return lightClient.UnpackInvalidRecoveryError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["NoRecovery"].ID.Bytes()[:4]) {
		return lightClient.UnpackNoRecoveryError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["NotEnoughPower"].ID.Bytes()[:4]) {
		return lightClient.UnpackNotEnoughPowerError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["NotRecoveryAddress"].ID.Bytes()[:4]) {
		return lightClient.UnpackNotRecoveryAddressError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["RecoveryTooEarly"].ID.Bytes()[:4]) {
		return lightClient.UnpackRecoveryTooEarlyError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["SetLength"].ID.Bytes()[:4]) {
		return lightClient.UnpackSetLengthError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["SignatureHighS"].ID.Bytes()[:4]) {
		return lightClient.UnpackSignatureHighSError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["SignatureRecoveryId"].ID.Bytes()[:4]) {
		return lightClient.UnpackSignatureRecoveryIdError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["SignaturesLength"].ID.Bytes()[:4]) {
		return lightClient.UnpackSignaturesLengthError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["SignersOutsideSet"].ID.Bytes()[:4]) {
		return lightClient.UnpackSignersOutsideSetError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["TimeBeforeHead"].ID.Bytes()[:4]) {
		return lightClient.UnpackTimeBeforeHeadError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["UnexpectedSigner"].ID.Bytes()[:4]) {
		return lightClient.UnpackUnexpectedSignerError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["UntrustedSet"].ID.Bytes()[:4]) {
		return lightClient.UnpackUntrustedSetError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["WrongChain"].ID.Bytes()[:4]) {
		return lightClient.UnpackWrongChainError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["WrongEpoch"].ID.Bytes()[:4]) {
		return lightClient.UnpackWrongEpochError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["WrongSet"].ID.Bytes()[:4]) {
		return lightClient.UnpackWrongSetError(raw[4:])
	}
	if bytes.Equal(raw[:4], lightClient.abi.Errors["WrongTag"].ID.Bytes()[:4]) {
		return lightClient.UnpackWrongTagError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// LightClientAlreadyAccepted represents a AlreadyAccepted error raised by the LightClient contract.
type LightClientAlreadyAccepted struct {
	Digest [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AlreadyAccepted(bytes32 digest)
func LightClientAlreadyAcceptedErrorID() common.Hash {
	return common.HexToHash("0x11fb1a9f7136c41c697000805ac90f13517fc4e799a2630a30eb01c42fb32467")
}

// UnpackAlreadyAcceptedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AlreadyAccepted(bytes32 digest)
func (lightClient *LightClient) UnpackAlreadyAcceptedError(raw []byte) (*LightClientAlreadyAccepted, error) {
	out := new(LightClientAlreadyAccepted)
	if err := lightClient.abi.UnpackIntoInterface(out, "AlreadyAccepted", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientCheckpointLength represents a CheckpointLength error raised by the LightClient contract.
type LightClientCheckpointLength struct {
	Length   *big.Int
	Expected *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error CheckpointLength(uint256 length, uint256 expected)
func LightClientCheckpointLengthErrorID() common.Hash {
	return common.HexToHash("0xfd966d5d5ce628623418eb215f8111dee9e4ab2e6e268680fb17c116fc0174f0")
}

// UnpackCheckpointLengthError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error CheckpointLength(uint256 length, uint256 expected)
func (lightClient *LightClient) UnpackCheckpointLengthError(raw []byte) (*LightClientCheckpointLength, error) {
	out := new(LightClientCheckpointLength)
	if err := lightClient.abi.UnpackIntoInterface(out, "CheckpointLength", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientClientNotStale represents a ClientNotStale error raised by the LightClient contract.
type LightClientClientNotStale struct {
	StaleAt *big.Int
	Time    *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ClientNotStale(uint256 staleAt, uint256 time)
func LightClientClientNotStaleErrorID() common.Hash {
	return common.HexToHash("0x7c7cd252abec0459ce7a7ce456e38bc5257825cfee77b5b8cee031a11899f1b2")
}

// UnpackClientNotStaleError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ClientNotStale(uint256 staleAt, uint256 time)
func (lightClient *LightClient) UnpackClientNotStaleError(raw []byte) (*LightClientClientNotStale, error) {
	out := new(LightClientClientNotStale)
	if err := lightClient.abi.UnpackIntoInterface(out, "ClientNotStale", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientClientStale represents a ClientStale error raised by the LightClient contract.
type LightClientClientStale struct {
	StaleAt *big.Int
	Time    *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ClientStale(uint256 staleAt, uint256 time)
func LightClientClientStaleErrorID() common.Hash {
	return common.HexToHash("0x359eb41ed44e5fc9213e78a3ef64b63a8f4ba2d484634f2ecc176c875c057fa0")
}

// UnpackClientStaleError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ClientStale(uint256 staleAt, uint256 time)
func (lightClient *LightClient) UnpackClientStaleError(raw []byte) (*LightClientClientStale, error) {
	out := new(LightClientClientStale)
	if err := lightClient.abi.UnpackIntoInterface(out, "ClientStale", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientHeightNotGreater represents a HeightNotGreater error raised by the LightClient contract.
type LightClientHeightNotGreater struct {
	Height uint64
	Head   uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error HeightNotGreater(uint64 height, uint64 head)
func LightClientHeightNotGreaterErrorID() common.Hash {
	return common.HexToHash("0x15434f82d37c31d95382fb70c71387d4d8c7a8bff3979ec8e622445c6bb9f3cc")
}

// UnpackHeightNotGreaterError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error HeightNotGreater(uint64 height, uint64 head)
func (lightClient *LightClient) UnpackHeightNotGreaterError(raw []byte) (*LightClientHeightNotGreater, error) {
	out := new(LightClientHeightNotGreater)
	if err := lightClient.abi.UnpackIntoInterface(out, "HeightNotGreater", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientInvalidConfiguration represents a InvalidConfiguration error raised by the LightClient contract.
type LightClientInvalidConfiguration struct {
	ChainIdHash     [32]byte
	SetRoot         [32]byte
	TrustPeriod     uint64
	RecoveryAddress common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error InvalidConfiguration(bytes32 chainIdHash, bytes32 setRoot, uint64 trustPeriod, address recoveryAddress)
func LightClientInvalidConfigurationErrorID() common.Hash {
	return common.HexToHash("0x9f37245fd8410aad36bac8611aa750b7e3939db651e8ceafc34cd43e5b26b870")
}

// UnpackInvalidConfigurationError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error InvalidConfiguration(bytes32 chainIdHash, bytes32 setRoot, uint64 trustPeriod, address recoveryAddress)
func (lightClient *LightClient) UnpackInvalidConfigurationError(raw []byte) (*LightClientInvalidConfiguration, error) {
	out := new(LightClientInvalidConfiguration)
	if err := lightClient.abi.UnpackIntoInterface(out, "InvalidConfiguration", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientInvalidRecovery represents a InvalidRecovery error raised by the LightClient contract.
type LightClientInvalidRecovery struct {
	Epoch     uint64
	HeadEpoch uint64
	SetRoot   [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error InvalidRecovery(uint64 epoch, uint64 headEpoch, bytes32 setRoot)
func LightClientInvalidRecoveryErrorID() common.Hash {
	return common.HexToHash("0xb8593b07443ea59b07058bc5ae71243a6a97eb62b77b9bdb2b0f497a1a094127")
}

// UnpackInvalidRecoveryError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error InvalidRecovery(uint64 epoch, uint64 headEpoch, bytes32 setRoot)
func (lightClient *LightClient) UnpackInvalidRecoveryError(raw []byte) (*LightClientInvalidRecovery, error) {
	out := new(LightClientInvalidRecovery)
	if err := lightClient.abi.UnpackIntoInterface(out, "InvalidRecovery", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientNoRecovery represents a NoRecovery error raised by the LightClient contract.
type LightClientNoRecovery struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoRecovery()
func LightClientNoRecoveryErrorID() common.Hash {
	return common.HexToHash("0xc993b993087d9489bed2bf033a169cb4b9217710b26cfca32231fa7318599f06")
}

// UnpackNoRecoveryError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoRecovery()
func (lightClient *LightClient) UnpackNoRecoveryError(raw []byte) (*LightClientNoRecovery, error) {
	out := new(LightClientNoRecovery)
	if err := lightClient.abi.UnpackIntoInterface(out, "NoRecovery", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientNotEnoughPower represents a NotEnoughPower error raised by the LightClient contract.
type LightClientNotEnoughPower struct {
	Signed *big.Int
	Total  *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotEnoughPower(uint256 signed, uint256 total)
func LightClientNotEnoughPowerErrorID() common.Hash {
	return common.HexToHash("0x2818471e89747c07a734bd246a38b5c4b17e3d94e5a91fc9484cbaeff1d5568f")
}

// UnpackNotEnoughPowerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotEnoughPower(uint256 signed, uint256 total)
func (lightClient *LightClient) UnpackNotEnoughPowerError(raw []byte) (*LightClientNotEnoughPower, error) {
	out := new(LightClientNotEnoughPower)
	if err := lightClient.abi.UnpackIntoInterface(out, "NotEnoughPower", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientNotRecoveryAddress represents a NotRecoveryAddress error raised by the LightClient contract.
type LightClientNotRecoveryAddress struct {
	Sender   common.Address
	Expected common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotRecoveryAddress(address sender, address expected)
func LightClientNotRecoveryAddressErrorID() common.Hash {
	return common.HexToHash("0x795c5ba03a59cb11de87fbc0a3aa70294e9c992c13ddc3f6d29bad22695db543")
}

// UnpackNotRecoveryAddressError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotRecoveryAddress(address sender, address expected)
func (lightClient *LightClient) UnpackNotRecoveryAddressError(raw []byte) (*LightClientNotRecoveryAddress, error) {
	out := new(LightClientNotRecoveryAddress)
	if err := lightClient.abi.UnpackIntoInterface(out, "NotRecoveryAddress", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientRecoveryTooEarly represents a RecoveryTooEarly error raised by the LightClient contract.
type LightClientRecoveryTooEarly struct {
	ExecutableAt uint64
	Time         *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error RecoveryTooEarly(uint64 executableAt, uint256 time)
func LightClientRecoveryTooEarlyErrorID() common.Hash {
	return common.HexToHash("0x338853840283bac76eb6cba74c9b0518a3c3913eb0d5e600c003d4e9e29279f4")
}

// UnpackRecoveryTooEarlyError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error RecoveryTooEarly(uint64 executableAt, uint256 time)
func (lightClient *LightClient) UnpackRecoveryTooEarlyError(raw []byte) (*LightClientRecoveryTooEarly, error) {
	out := new(LightClientRecoveryTooEarly)
	if err := lightClient.abi.UnpackIntoInterface(out, "RecoveryTooEarly", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientSetLength represents a SetLength error raised by the LightClient contract.
type LightClientSetLength struct {
	Length  *big.Int
	Members *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SetLength(uint256 length, uint256 members)
func LightClientSetLengthErrorID() common.Hash {
	return common.HexToHash("0xe55c4a6f489273d6dbadeade2b54d494ba65a6fa809fd05f4f00df4e9e7a65dc")
}

// UnpackSetLengthError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SetLength(uint256 length, uint256 members)
func (lightClient *LightClient) UnpackSetLengthError(raw []byte) (*LightClientSetLength, error) {
	out := new(LightClientSetLength)
	if err := lightClient.abi.UnpackIntoInterface(out, "SetLength", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientSignatureHighS represents a SignatureHighS error raised by the LightClient contract.
type LightClientSignatureHighS struct {
	Member *big.Int
	S      *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SignatureHighS(uint256 member, uint256 s)
func LightClientSignatureHighSErrorID() common.Hash {
	return common.HexToHash("0xedd2e1622e01a48c1973a4cab5fdefd21e3ff488d43460a281004abc70d08030")
}

// UnpackSignatureHighSError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SignatureHighS(uint256 member, uint256 s)
func (lightClient *LightClient) UnpackSignatureHighSError(raw []byte) (*LightClientSignatureHighS, error) {
	out := new(LightClientSignatureHighS)
	if err := lightClient.abi.UnpackIntoInterface(out, "SignatureHighS", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientSignatureRecoveryId represents a SignatureRecoveryId error raised by the LightClient contract.
type LightClientSignatureRecoveryId struct {
	Member *big.Int
	V      *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SignatureRecoveryId(uint256 member, uint256 v)
func LightClientSignatureRecoveryIdErrorID() common.Hash {
	return common.HexToHash("0xcd65194c5d44ff200797efb260ec5ea3d1769847a64120e2d582c3720973312c")
}

// UnpackSignatureRecoveryIdError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SignatureRecoveryId(uint256 member, uint256 v)
func (lightClient *LightClient) UnpackSignatureRecoveryIdError(raw []byte) (*LightClientSignatureRecoveryId, error) {
	out := new(LightClientSignatureRecoveryId)
	if err := lightClient.abi.UnpackIntoInterface(out, "SignatureRecoveryId", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientSignaturesLength represents a SignaturesLength error raised by the LightClient contract.
type LightClientSignaturesLength struct {
	Length   *big.Int
	Expected *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SignaturesLength(uint256 length, uint256 expected)
func LightClientSignaturesLengthErrorID() common.Hash {
	return common.HexToHash("0xca961efdbc4aca0698fc9aa8be561ddb4267f056a3a536f45adad8431a83d2dc")
}

// UnpackSignaturesLengthError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SignaturesLength(uint256 length, uint256 expected)
func (lightClient *LightClient) UnpackSignaturesLengthError(raw []byte) (*LightClientSignaturesLength, error) {
	out := new(LightClientSignaturesLength)
	if err := lightClient.abi.UnpackIntoInterface(out, "SignaturesLength", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientSignersOutsideSet represents a SignersOutsideSet error raised by the LightClient contract.
type LightClientSignersOutsideSet struct {
	Signers *big.Int
	Members *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error SignersOutsideSet(uint256 signers, uint256 members)
func LightClientSignersOutsideSetErrorID() common.Hash {
	return common.HexToHash("0x22e12529fd0a9ab4f56c291aea9d8f6889cecf8e6e708c6ee0c2b2ff3c6f0142")
}

// UnpackSignersOutsideSetError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error SignersOutsideSet(uint256 signers, uint256 members)
func (lightClient *LightClient) UnpackSignersOutsideSetError(raw []byte) (*LightClientSignersOutsideSet, error) {
	out := new(LightClientSignersOutsideSet)
	if err := lightClient.abi.UnpackIntoInterface(out, "SignersOutsideSet", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientTimeBeforeHead represents a TimeBeforeHead error raised by the LightClient contract.
type LightClientTimeBeforeHead struct {
	Time uint64
	Head uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error TimeBeforeHead(uint64 time, uint64 head)
func LightClientTimeBeforeHeadErrorID() common.Hash {
	return common.HexToHash("0x353d6434db14ece42705ffd48b6e918deb7e69cfb8f900612624a7364b0c2850")
}

// UnpackTimeBeforeHeadError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error TimeBeforeHead(uint64 time, uint64 head)
func (lightClient *LightClient) UnpackTimeBeforeHeadError(raw []byte) (*LightClientTimeBeforeHead, error) {
	out := new(LightClientTimeBeforeHead)
	if err := lightClient.abi.UnpackIntoInterface(out, "TimeBeforeHead", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientUnexpectedSigner represents a UnexpectedSigner error raised by the LightClient contract.
type LightClientUnexpectedSigner struct {
	Member   *big.Int
	Signer   common.Address
	Expected common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error UnexpectedSigner(uint256 member, address signer, address expected)
func LightClientUnexpectedSignerErrorID() common.Hash {
	return common.HexToHash("0x8cd02d5c75593b6998ed6b403216f3b13d312e75f919550b7106eba3c88b7b03")
}

// UnpackUnexpectedSignerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error UnexpectedSigner(uint256 member, address signer, address expected)
func (lightClient *LightClient) UnpackUnexpectedSignerError(raw []byte) (*LightClientUnexpectedSigner, error) {
	out := new(LightClientUnexpectedSigner)
	if err := lightClient.abi.UnpackIntoInterface(out, "UnexpectedSigner", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientUntrustedSet represents a UntrustedSet error raised by the LightClient contract.
type LightClientUntrustedSet struct {
	SetRoot [32]byte
	Trusted [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error UntrustedSet(bytes32 setRoot, bytes32 trusted)
func LightClientUntrustedSetErrorID() common.Hash {
	return common.HexToHash("0xec3deb45235cd470a1f97dae1534821eae15d9543369061b9e5d8fb8ed3b8b48")
}

// UnpackUntrustedSetError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error UntrustedSet(bytes32 setRoot, bytes32 trusted)
func (lightClient *LightClient) UnpackUntrustedSetError(raw []byte) (*LightClientUntrustedSet, error) {
	out := new(LightClientUntrustedSet)
	if err := lightClient.abi.UnpackIntoInterface(out, "UntrustedSet", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientWrongChain represents a WrongChain error raised by the LightClient contract.
type LightClientWrongChain struct {
	Chain    [32]byte
	Expected [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongChain(bytes32 chain, bytes32 expected)
func LightClientWrongChainErrorID() common.Hash {
	return common.HexToHash("0xe894bab4e90ad4759f46ff1614c5903b2e85e1f1c678e445d94d9574c14a3347")
}

// UnpackWrongChainError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongChain(bytes32 chain, bytes32 expected)
func (lightClient *LightClient) UnpackWrongChainError(raw []byte) (*LightClientWrongChain, error) {
	out := new(LightClientWrongChain)
	if err := lightClient.abi.UnpackIntoInterface(out, "WrongChain", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientWrongEpoch represents a WrongEpoch error raised by the LightClient contract.
type LightClientWrongEpoch struct {
	Epoch    uint64
	Expected uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongEpoch(uint64 epoch, uint64 expected)
func LightClientWrongEpochErrorID() common.Hash {
	return common.HexToHash("0x2b9264ec593278cbe059ca68c627e1b8271a7e014abe4c8622c73486c89e1e93")
}

// UnpackWrongEpochError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongEpoch(uint64 epoch, uint64 expected)
func (lightClient *LightClient) UnpackWrongEpochError(raw []byte) (*LightClientWrongEpoch, error) {
	out := new(LightClientWrongEpoch)
	if err := lightClient.abi.UnpackIntoInterface(out, "WrongEpoch", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientWrongSet represents a WrongSet error raised by the LightClient contract.
type LightClientWrongSet struct {
	SetRoot  [32]byte
	Expected [32]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongSet(bytes32 setRoot, bytes32 expected)
func LightClientWrongSetErrorID() common.Hash {
	return common.HexToHash("0x26bdc5816fe9bb0ddb150b9260f08a515db74469460533a055c6dc58ec77b522")
}

// UnpackWrongSetError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongSet(bytes32 setRoot, bytes32 expected)
func (lightClient *LightClient) UnpackWrongSetError(raw []byte) (*LightClientWrongSet, error) {
	out := new(LightClientWrongSet)
	if err := lightClient.abi.UnpackIntoInterface(out, "WrongSet", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// LightClientWrongTag represents a WrongTag error raised by the LightClient contract.
type LightClientWrongTag struct {
	Tag      [10]byte
	Expected [10]byte
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error WrongTag(bytes10 tag, bytes10 expected)
func LightClientWrongTagErrorID() common.Hash {
	return common.HexToHash("0xca88ac40eb39c1975df7d61099210472869c0d9e5e7f14e3d8d9da0c5a30bfeb")
}

// UnpackWrongTagError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error WrongTag(bytes10 tag, bytes10 expected)
func (lightClient *LightClient) UnpackWrongTagError(raw []byte) (*LightClientWrongTag, error) {
	out := new(LightClientWrongTag)
	if err := lightClient.abi.UnpackIntoInterface(out, "WrongTag", raw); err != nil {
		return nil, err
	}
	return out, nil
}
