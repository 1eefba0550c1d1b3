@echo off
rem Has the controller elect leaders, preferred or unclean.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-leader-election.js" %*
exit /b %errorlevel%
