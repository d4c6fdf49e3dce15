using Microsoft.AspNetCore.Identity;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Tests.Unit.Users;

public sealed class LockoutWordsTests
{
    [Theory]
    [InlineData(5, 5, "After 5 wrong passwords in a row, the account is locked for 5 minutes.")]
    [InlineData(100, 1, "After 100 wrong passwords in a row, the account is locked for 1 minute.")]
    [InlineData(2, 1440, "After 2 wrong passwords in a row, the account is locked for 1,440 minutes.")]
    public void Of_SaysTheFiguresInForce(int attempts, int minutes, string text) =>
        LockoutWords
            .Of(new LockoutOptions { MaxFailedAccessAttempts = attempts, DefaultLockoutTimeSpan = TimeSpan.FromMinutes(minutes) })
            .Should()
            .Be(text);
}
