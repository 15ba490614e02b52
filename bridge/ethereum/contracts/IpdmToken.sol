// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title An asset of IPDM's as an ERC-20 token
/// @notice Made by a gateway, which mints what arrives from IPDM and burns what goes back.
contract IpdmToken {
    /// @notice The gateway, which alone mints and burns.
    address public immutable gateway;
    /// @notice How many decimals a unit has.
    uint8 public immutable decimals;
    /// @notice The symbol.
    string public symbol;
    /// @notice How much there is.
    uint256 public totalSupply;
    /// @notice How much an account has.
    mapping(address account => uint256) public balanceOf;
    /// @notice How much of an owner's a spender may transfer; the greatest number means without limit.
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    /// @notice ERC-20: tokens have moved; from or to zero if they were minted or burned.
    event Transfer(address indexed from, address indexed to, uint256 amount);
    /// @notice ERC-20: a spender may transfer an amount.
    event Approval(address indexed owner, address indexed spender, uint256 amount);

    /// @notice Only the gateway may do this.
    error NotGateway(address sender, address gateway);
    /// @notice The account has less than that.
    error InsufficientBalance(address account, uint256 balance, uint256 needed);
    /// @notice The spender may transfer less than that.
    error InsufficientAllowance(address owner, address spender, uint256 allowance, uint256 needed);
    /// @notice Tokens cannot go to this address.
    error InvalidRecipient(address recipient);

    /// @param symbol_ The symbol.
    /// @param decimals_ How many decimals a unit has.
    constructor(string memory symbol_, uint8 decimals_) {
        gateway = msg.sender;
        symbol = symbol_;
        decimals = decimals_;
    }

    /// @notice The name: the symbol, and where the asset comes from.
    function name() external view returns (string memory) {
        return string.concat(symbol, " of IPDM");
    }

    /// @notice Transfers tokens of the sender's.
    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    /// @notice Transfers tokens of an owner's who has approved it.
    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) {
            if (allowed < amount) revert InsufficientAllowance(from, msg.sender, allowed, amount);
            unchecked {
                allowance[from][msg.sender] = allowed - amount;
            }
        }
        _move(from, to, amount);
        return true;
    }

    /// @notice Lets a spender transfer an amount of the sender's.
    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    /// @notice Makes tokens. Only the gateway may.
    function mint(address to, uint256 amount) external {
        if (msg.sender != gateway) revert NotGateway(msg.sender, gateway);
        totalSupply += amount;
        _credit(address(0), to, amount);
    }

    /// @notice Takes tokens out of the world. Only the gateway may, for an account that asked it to.
    function burn(address from, uint256 amount) external {
        if (msg.sender != gateway) revert NotGateway(msg.sender, gateway);
        _debit(from, amount);
        unchecked {
            totalSupply -= amount;
        }
        emit Transfer(from, address(0), amount);
    }

    function _move(address from, address to, uint256 amount) private {
        _debit(from, amount);
        _credit(from, to, amount);
    }

    function _debit(address from, uint256 amount) private {
        uint256 balance = balanceOf[from];
        if (balance < amount) revert InsufficientBalance(from, balance, amount);
        unchecked {
            balanceOf[from] = balance - amount;
        }
    }

    function _credit(address from, address to, uint256 amount) private {
        if (to == address(0) || to == address(this)) revert InvalidRecipient(to);
        unchecked {
            balanceOf[to] += amount; // at most totalSupply
        }
        emit Transfer(from, to, amount);
    }
}
